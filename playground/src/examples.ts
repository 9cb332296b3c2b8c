// The examples: what each is about, what it is judged by, and what must come of it, which the tests compare.
// Their texts are in examples/, loaded by exampleTexts.ts, so that this can be read without Vite.

import type { Choices, ModePolicy } from "./app.ts";
import { defaultChoices } from "./choices.ts";

export interface Example {
  id: string;
  title: string;
  /** What one sees by it. */
  about: string;
  /** Its name in examples/, and that of the file in the page. */
  file: string;
  choices: Choices;
  /** What must come of each document, in their order. */
  expected: Expected[];
}

export interface Expected {
  kind: string;
  name: string;
  /** Whether it satisfies what is enforced; null for what holds no pod. */
  satisfied: boolean | null;
  /** The checks that have findings, in the order of the alphabet. */
  checks: string[];
}

export interface ExampleGroup {
  title: string;
  examples: Example[];
}

function alike(level: ModePolicy["level"], version = "latest", more: Partial<Choices> = {}): Choices {
  return { ...defaultChoices(), enforce: { level, version }, audit: { level, version }, warn: { level, version }, ...more };
}

/** The walk-through's policy: the labels of the namespace decide, and without labels nothing is asked. */
function labelled(namespaceLabels: Record<string, string>): Choices {
  return alike("privileged", "latest", { modes: "each", labels: "honor", namespace: "words", namespaceLabels });
}

const RESTRICTED_DEFAULTS = ["allowPrivilegeEscalation", "capabilities_restricted", "runAsNonRoot", "seccompProfile_restricted"];

export const EXAMPLES: readonly ExampleGroup[] = [
  {
    title: "Workloads",
    examples: [
      {
        id: "deployment",
        title: "A Deployment",
        about: "Accepted itself, but its pods are not: the mistake that costs the most time.",
        file: "deployment.yaml",
        choices: alike("restricted"),
        expected: [{ kind: "Deployment", name: "web", satisfied: false, checks: [...RESTRICTED_DEFAULTS, "hostPorts"].sort() }],
      },
      {
        id: "cronjob",
        title: "A CronJob",
        about: "Three templates deep, as root, with a volume on a file server.",
        file: "cronjob.yaml",
        choices: alike("restricted", "latest", { enforceWorkloads: true, admission: "kubewarden" }),
        expected: [
          {
            kind: "CronJob",
            name: "nightly-backup",
            satisfied: false,
            checks: [...RESTRICTED_DEFAULTS, "restrictedVolumes", "runAsUser"].sort(),
          },
        ],
      },
      {
        id: "helm-chart",
        title: "The output of a Helm chart",
        about: "Four documents, of which one makes pods.",
        file: "helm-chart.yaml",
        choices: alike("restricted"),
        expected: [
          { kind: "ServiceAccount", name: "release-guestbook", satisfied: null, checks: [] },
          { kind: "ConfigMap", name: "release-guestbook", satisfied: null, checks: [] },
          { kind: "Service", name: "release-guestbook", satisfied: null, checks: [] },
          { kind: "Deployment", name: "release-guestbook", satisfied: false, checks: RESTRICTED_DEFAULTS },
        ],
      },
      {
        id: "node-exporter",
        title: "A node exporter",
        about: "A DaemonSet that needs its node, which no level but privileged allows.",
        file: "node-exporter.yaml",
        choices: alike("baseline"),
        expected: [
          { kind: "DaemonSet", name: "node-exporter", satisfied: false, checks: ["hostNamespaces", "hostPathVolumes", "hostPorts"] },
        ],
      },
    ],
  },
  {
    title: "A pod for each level",
    examples: [
      {
        id: "pod-privileged",
        title: "Privileged: accepted",
        about: "A toolbox with the whole node in its hands. The level asks for nothing.",
        file: "pod-privileged.yaml",
        choices: alike("privileged"),
        expected: [{ kind: "Pod", name: "toolbox", satisfied: true, checks: [] }],
      },
      {
        id: "pod-baseline-passes",
        title: "Baseline: accepted",
        about: "An image as it comes, with nothing said about its privileges.",
        file: "pod-baseline-passes.yaml",
        choices: alike("baseline"),
        expected: [{ kind: "Pod", name: "cache", satisfied: true, checks: [] }],
      },
      {
        id: "pod-baseline-fails",
        title: "Baseline: rejected",
        about: "A hostPath volume and a port of the node.",
        file: "pod-baseline-fails.yaml",
        choices: alike("baseline"),
        expected: [{ kind: "Pod", name: "log-shipper", satisfied: false, checks: ["hostPathVolumes", "hostPorts"] }],
      },
      {
        id: "pod-restricted-passes",
        title: "Restricted: accepted",
        about: "All that the level asks for, and no more.",
        file: "pod-restricted-passes.yaml",
        choices: alike("restricted"),
        expected: [{ kind: "Pod", name: "orders", satisfied: true, checks: [] }],
      },
      {
        id: "pod-restricted-fails",
        title: "Restricted: rejected",
        about: "A hardened pod whose init container was forgotten.",
        file: "pod-restricted-fails.yaml",
        choices: alike("restricted"),
        expected: [
          {
            kind: "Pod",
            name: "orders",
            satisfied: false,
            checks: ["allowPrivilegeEscalation", "capabilities_restricted", "runAsNonRoot", "runAsUser"],
          },
        ],
      },
    ],
  },
  {
    title: "Special pods",
    examples: [
      {
        id: "windows-pod",
        title: "A Windows pod",
        about: "It is not asked for what only Linux has.",
        file: "windows-pod.yaml",
        choices: alike("restricted"),
        expected: [{ kind: "Pod", name: "intranet", satisfied: true, checks: [] }],
      },
      {
        id: "user-namespace-pod",
        title: "A pod in a user namespace",
        about: "With hostUsers: false it may be root, from v1.35 on.",
        file: "user-namespace-pod.yaml",
        choices: alike("restricted"),
        expected: [{ kind: "Pod", name: "image-builder", satisfied: true, checks: [] }],
      },
    ],
  },
  {
    title: "The README's walk-through",
    examples: [
      {
        id: "walk-through-before",
        title: "Before: only warned of",
        about: "The labels of the namespace enforce nothing yet, and warn of restricted at v1.25.",
        file: "walk-through-before.yaml",
        choices: labelled({
          "pod-security.kubernetes.io/enforce": "privileged",
          "pod-security.kubernetes.io/warn": "restricted",
          "pod-security.kubernetes.io/warn-version": "v1.25",
        }),
        expected: [{ kind: "Deployment", name: "reversewords", satisfied: true, checks: RESTRICTED_DEFAULTS }],
      },
      {
        id: "walk-through-after",
        title: "After: mended, and enforced",
        about: "The same Deployment does all that the warning asked for.",
        file: "walk-through-after.yaml",
        choices: labelled({
          "pod-security.kubernetes.io/enforce": "restricted",
          "pod-security.kubernetes.io/enforce-version": "v1.25",
          "pod-security.kubernetes.io/warn": "restricted",
          "pod-security.kubernetes.io/warn-version": "v1.25",
        }),
        expected: [{ kind: "Deployment", name: "reversewords", satisfied: true, checks: [] }],
      },
    ],
  },
];

/** What the page begins with. */
export const FIRST = "deployment";

export function exampleById(id: string): Example | undefined {
  return EXAMPLES.flatMap((group) => group.examples).find((example) => example.id === id);
}
