// The longest task of a page during an action.
// @ts-check

/**
 * The longest task of the page's main thread during an action, in milliseconds of its CPU time: other processes delay a task, but do
 * not use its time.
 * @param {import("playwright-core").Browser} browser
 * @param {import("playwright-core").Page} page
 * @param {() => Promise<void>} action
 */
export async function longestTask(browser, page, action) {
  await browser.startTracing(page, { categories: ["toplevel", "disabled-by-default-devtools.timeline", "devtools.timeline", "__metadata"] });
  await action();
  /** @type {{ traceEvents: { name: string, pid: number, tid: number, ph: string, dur?: number, tdur?: number, args: any }[] }} */
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  const mainThreads = new Set(traceEvents.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain").map(({ pid, tid }) => `${pid} ${tid}`));
  const tasks = traceEvents.filter(({ name, ph, pid, tid }) => ph === "X" && /RunTask$/.test(name) && mainThreads.has(`${pid} ${tid}`));
  if (!tasks.length) throw new Error("the trace contains no task");
  return Math.max(...tasks.map(({ dur = 0, tdur = dur }) => Math.min(dur, tdur) / 1000));
}
