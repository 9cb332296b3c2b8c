// The plan for PodSecurityPolicies: which level takes the place of each, and which level the pods of each namespace satisfy.

import type { LevelPlan, NamespacePlan, OfficialPlan, PlanReport, PolicyPlan, SharedPlan } from "../../migrate/pkg/migrate.js";
import type { App, Range } from "../app.ts";
import { download } from "../files.ts";
import { button, type Child, chip, type ChipKind, dialog, h, icon } from "../ui.ts";
import { plural } from "../verdicts.ts";

/** The maximum of pods and problems in a list. */
const MAX_ENTRIES = 50;

/** The name of the downloaded manifests. */
const FILE_NAME = "pod-security-migration.yaml";

const VERDICTS: Record<string, ChipKind> = { stricter: "info", looser: "warning", "no counterpart": "plain" };

/** Opens the dialog. `use` takes the settings of the plan over. */
export function openPlan(app: App, plan: PlanReport, use: () => void): void {
  let target: Range | null = null;
  const jump = (range: Range): void => {
    target = range;
    opened.close();
  };
  const useButton = button(
    "Use as settings",
    () => {
      // The focus moves to the button that undoes it.
      opened.close();
      use();
    },
    { kind: "primary", icon: "policy" },
  );
  const opened = dialog(
    "The plan for PodSecurityPolicies",
    [
      h(
        "p",
        null,
        `The policies are compared with the standards of ${plan.version}, the last version with PodSecurityPolicy. A level replaces a policy if it admits nothing that the policy rejects or changes.`,
      ),
      plan.hasAccess
        ? null
        : h(
            "p",
            { class: "note note-info" },
            icon("info"),
            h("span", null, "The text has no roles and bindings, so every policy is taken to be usable for every pod. Add them, and pods and workloads, for a plan of your namespaces."),
          ),
      plan.problems.length > 0 &&
        h(
          "section",
          null,
          h("h3", null, "Not in the plan"),
          h(
            "ul",
            { class: "changes" },
            plan.problems.slice(0, MAX_ENTRIES).map(({ severity, range, message, help }) =>
              h("li", null, h("div", { class: "row" }, chip(severity, severity === "error" ? "error" : "warning"), lineButton(range, jump)), h("p", null, message), help && h("p", { class: "hint" }, help)),
            ),
          ),
          more(plan.problems),
        ),
      plan.policies.map((policy) => policySection(policy, jump)),
      plan.namespaces.length > 0 && h("section", null, h("h3", null, "Namespaces"), h("ul", { class: "changes" }, plan.namespaces.map(namespaceEntry))),
      plan.shared.length > 0 && h("section", null, h("h3", null, "Namespaces with several policies"), h("ul", { class: "changes" }, plan.shared.map(sharedEntry))),
      plan.rejected.length > 0 &&
        h(
          "section",
          null,
          h("h3", null, `${plural(plan.rejected.length, "pod or workload", "pods and workloads")} that no policy admits`),
          h("ul", { class: "plain-list" }, plan.rejected.slice(0, MAX_ENTRIES).map((object) => h("li", null, object))),
          more(plan.rejected),
        ),
      h(
        "section",
        null,
        h("h3", null, "Settings"),
        h("p", null, `One policy for all namespaces enforces the level ${plan.level} of ${plan.version}, with exemptions for what the pods of the text need beyond it. The manifests contain it, the official policies above, and the labels of the namespaces.`),
      ),
    ],
    {
      wide: true,
      focus: useButton,
      actions: [button("Download manifests", () => download(FILE_NAME, plan.manifests), { icon: "download" }), useButton],
      onClose: () => {
        if (target !== null) app.select(target);
      },
    },
  );
}

function policySection(policy: PolicyPlan, jump: (range: Range) => void): HTMLElement {
  const { loosestReplacement, strictestCompatible, unusable, namespaces } = policy;
  const at = { line: policy.line, column: 1, offset: 0 };
  return h(
    "section",
    { class: "plan-policy" },
    h("div", { class: "row" }, h("h3", null, policy.name || "(without a name)"), lineButton({ start: at, end: at }, jump, policy.name)),
    unusable && h("p", { class: "note note-warning" }, icon("warning"), h("span", null, `No pod can use it: ${unusable}`)),
    h(
      "ul",
      { class: "plain-list" },
      h("li", null, loosestReplacement ? ["Loosest level that replaces it: ", h("strong", null, loosestReplacement), "."] : "No level replaces it: even restricted admits more."),
      h("li", null, "Strictest level that admits all its pods: ", h("strong", null, strictestCompatible), "."),
      namespaces.length > 0 && h("li", null, `Chosen for pods in: ${namespaces.join(", ")}.`),
    ),
    policy.levels.map(levelDetails),
    officialDetails("Official Kubewarden policies for what the level does not restrict", policy.official),
    policy.unreplaced.length > 0 &&
      h(
        "details",
        null,
        h("summary", null, `Without a replacement: ${plural(policy.unreplaced.length, "field")}`),
        h("ul", { class: "changes" }, policy.unreplaced.map(({ field, advice }) => h("li", null, h("code", null, field), h("p", null, advice)))),
      ),
  );
}

function officialDetails(title: string, official: OfficialPlan[]): Child {
  if (!official.length) return null;
  return h(
    "details",
    null,
    h("summary", null, `${title}: ${official.length}`),
    h(
      "ul",
      { class: "changes" },
      official.map(({ module, fields, warnings }) =>
        h("li", null, h("div", { class: "row" }, h("code", null, module), h("span", { class: "muted" }, `for ${fields.join(", ")}`)), warnings.map((warning) => h("p", { class: "hint" }, warning))),
      ),
    ),
  );
}

function sharedEntry({ namespaces, official, gaps }: SharedPlan): HTMLElement {
  return h(
    "li",
    null,
    h("strong", null, namespaces.join(", ")),
    officialDetails("Official Kubewarden policies for what all policies there restrict", official),
    gaps.length > 0 && [h("p", { class: "hint" }, "No longer restricted, because only one of the policies does:"), h("ul", { class: "plain-list" }, gaps.map((gap) => h("li", null, gap)))],
  );
}

function levelDetails({ level, fields }: LevelPlan): Child {
  if (!fields.length) return h("p", { class: "hint" }, `It admits the same as ${level}.`);
  return h(
    "details",
    null,
    h("summary", null, `Compared with ${level}: ${plural(fields.length, "field differs", "fields differ")}`),
    h(
      "ul",
      { class: "changes" },
      fields.map(({ field, verdict, reason }) => h("li", null, h("div", { class: "row" }, chip(verdict, VERDICTS[verdict] ?? "plain"), h("code", null, field)), h("p", null, reason))),
    ),
  );
}

function namespaceEntry({ name, workloads, level, obstacles }: NamespacePlan): HTMLElement {
  const violations = obstacles.slice(0, MAX_ENTRIES).map((obstacle) => h("li", null, obstacle));
  return h(
    "li",
    null,
    h("div", { class: "row" }, h("strong", null, name), chip(level), h("span", { class: "muted" }, plural(workloads, "pod or workload", "pods and workloads"))),
    violations.length > 0 && [h("p", { class: "hint" }, "A stricter level rejects:"), h("ul", { class: "plain-list" }, violations)],
    more(obstacles),
  );
}

const more = (list: readonly unknown[]): Child => list.length > MAX_ENTRIES && h("p", { class: "hint" }, `${list.length - MAX_ENTRIES} more.`);

function lineButton(range: Range, jump: (range: Range) => void, subject = ""): HTMLElement {
  const line = `Line ${range.start.line}`;
  return button(line, () => jump(range), { small: true, icon: "jump", name: subject ? `${line}: ${subject}` : line });
}
