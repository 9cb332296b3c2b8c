// The performance of the page. The times are printed; the best of several runs is compared with the limit, because other
// processes can slow down a run.
// @ts-check

import assert from "node:assert/strict";
import { browser, pageTest, reopen, siteUrl, summary } from "./browser.mjs";

/** The limit of the first verdict, in milliseconds. */
const FIRST_VERDICT = 1000;
/** The limit of an evaluation of 1,000 lines, in milliseconds. */
const THOUSAND_LINES = 16;

/** A typical Deployment, of 50 lines with the document marker. */
const DEPLOYMENT = (/** @type {number} */ number) => `---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-${number}
  namespace: shop
  labels:
    app.kubernetes.io/name: web
    app.kubernetes.io/part-of: shop
spec:
  replicas: 3
  selector:
    matchLabels:
      app.kubernetes.io/name: web-${number}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: web-${number}
    spec:
      serviceAccountName: web
      terminationGracePeriodSeconds: 20
      securityContext:
        runAsNonRoot: true
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: web
          image: registry.example/web:1.27 # pinned
          args: ["--port", "8080", "--quiet"]
          ports:
            - name: http
              containerPort: 8080
          env:
            - name: LOG_LEVEL
              value: "info"
            - name: POD_NAME
              valueFrom:
                fieldRef:
                  fieldPath: metadata.name
          resources:
            requests:
              cpu: 100m
              memory: 64Mi
          volumeMounts:
            - name: data
              mountPath: /data
      volumes:
        - name: data
          emptyDir:
            sizeLimit: 1Gi
`;

/**
 * The duration of the last evaluation. The engine replaces the core at some time, whose worker is terminated then.
 * @param {import("playwright-core").Page} page
 * @returns {Promise<number>}
 */
const lastEvaluation = async (page) => {
  for (let tries = 0; tries < 100; tries += 1) {
    for (const worker of page.workers()) {
      const duration = await worker.evaluate(() => performance.getEntriesByName("evaluateFiles").at(-1)?.duration).catch(() => undefined);
      if (duration !== undefined) return duration;
    }
    await page.waitForTimeout(20);
  }
  throw new Error("no worker has evaluated the text");
};

/**
 * The elapsed time divided by the CPU time of a busy loop: 1 without other processes on the same processor.
 */
function slowdown() {
  const start = performance.now();
  const before = process.cpuUsage();
  while (performance.now() - start < 60);
  const { user, system } = process.cpuUsage(before);
  return Math.max(1, (performance.now() - start) / ((user + system) / 1000));
}

pageTest(`the first verdict takes less than ${FIRST_VERDICT} ms with a CPU throttling of 4`, async () => {
  const url = await siteUrl();
  let best = Infinity;
  let bestMeasured = Infinity;
  let runs = 0;
  // Three runs, and up to five more if the best one is above the limit.
  for (; runs < 3 || (best >= FIRST_VERDICT && runs < 8); runs += 1) {
    const slowdownBefore = slowdown();
    const context = await (await browser()).newContext({ viewport: { width: 1280, height: 720 }, serviceWorkers: "block" });
    const page = await context.newPage();
    await page.addInitScript(() => {
      new MutationObserver(() => {
        if (/Enforce/.test(document.getElementById("summary")?.textContent ?? "") && !performance.getEntriesByName("verdict").length) {
          // The time of its rendering.
          requestAnimationFrame(() => performance.mark("verdict"));
        }
      }).observe(document, { subtree: true, childList: true, characterData: true });
    });
    const session = await context.newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    await page.goto(url);
    await page.waitForFunction(() => performance.getEntriesByName("verdict").length > 0);
    const rendered = await page.evaluate(() => performance.getEntriesByName("verdict")[0]?.startTime ?? Infinity);
    // Workers are not throttled, so the time of the core is multiplied here.
    const time = rendered + 3 * (await lastEvaluation(page));
    // Divided by the smaller slowdown, so that a short one does not improve the result.
    best = Math.min(best, time / Math.min(slowdownBefore, slowdown()));
    bestMeasured = Math.min(bestMeasured, time);
    await context.close();
  }
  console.log(`first verdict, CPU throttling of 4: ${bestMeasured.toFixed(0)} ms, ${best.toFixed(0)} ms without the time of other processes, best of ${runs} (limit ${FIRST_VERDICT} ms)`);
  assert.ok(best < FIRST_VERDICT, `${best} ms`);
}, { stay: true });

pageTest("the verdict does not wait for the editor", async ({ page, url }) => {
  let release = () => {};
  const blocked = new Promise((resolve) => (release = () => resolve(null)));
  await page.route(/\/page-[^/]*\.js$/, async (route) => {
    await blocked;
    await route.continue();
  });
  await page.goto(url, { waitUntil: "commit" });
  await summary(page, /Enforce restricted:latest: pods rejected/);
  assert.equal(await page.locator(".cm-content").count(), 0);
  release();
  await page.locator(".cm-content .mark").first().waitFor();
}, { stay: true });

pageTest(`1,000 lines are evaluated in less than ${THOUSAND_LINES} ms`, async ({ page }) => {
  const text = Array.from({ length: 20 }, (_, at) => DEPLOYMENT(at)).join("");
  assert.equal(text.trimEnd().split("\n").length, 1000);
  let best = Infinity;
  for (let run = 0; run < 20; run += 1) {
    // A different text in each run.
    await reopen(page, [{ name: `run-${run}.yaml`, text: text.replace("quiet", `quiet=${run}`) }]);
    await page.getByRole("tab", { name: `run-${run}.yaml` }).waitFor();
    await summary(page, /20 of 20: pods rejected, 40 findings/);
    best = Math.min(best, await lastEvaluation(page));
  }
  console.log(`evaluation of a manifest of 1,000 lines: ${best.toFixed(1)} ms, best of 20 (limit ${THOUSAND_LINES} ms)`);
  assert.ok(best < THOUSAND_LINES, `${best} ms`);
});
