// The examples: the title, the settings and the expected result of each, which the tests compare. Their texts are in
// examples/, loaded by exampleTexts.ts, so that this module does not need Vite.

import type { Choices, ModePolicy } from "./app.ts";
import { defaultChoices } from "./choices.ts";

export interface Example {
  id: string;
  title: string;
  /** What the example shows. */
  description: string;
  /** The file name, in examples/ and in the page. */
  file: string;
  choices: Choices;
  /** The expected result of each document, in their order. */
  expected: ExpectedResult[];
}

export interface ExpectedResult {
  kind: string;
  name: string;
  /** Whether it satisfies the enforce policy; null for a document without a pod. */
  satisfied: boolean | null;
  /** The checks with findings, in alphabetical order. */
  checks: string[];
}

export interface ExampleGroup {
  title: string;
  examples: Example[];
}

function allModes(level: ModePolicy["level"], version = "latest", more: Partial<Choices> = {}): Choices {
  return { ...defaultChoices(), enforce: { level, version }, audit: { level, version }, warn: { level, version }, ...more };
}

/** The walk-through's settings: the labels of the namespace apply, and the default is privileged. */
function fromLabels(namespaceLabels: Record<string, string>): Choices {
  return allModes("privileged", "latest", { modes: "each", labels: "honor", namespace: "words", namespaceLabels });
}

const RESTRICTED_DEFAULTS = ["allowPrivilegeEscalation", "capabilities_restricted", "runAsNonRoot", "seccompProfile_restricted"];

export const EXAMPLES: readonly ExampleGroup[] = [
  {
    title: "Workloads",
    examples: [
      {
        id: "deployment",
        title: "A Deployment",
        description: "The Deployment is accepted, its pods are rejected: an error that is easily overlooked.",
        file: "deployment.yaml",
        choices: allModes("restricted"),
        expected: [{ kind: "Deployment", name: "web", satisfied: false, checks: [...RESTRICTED_DEFAULTS, "hostPorts"].sort() }],
      },
      {
        id: "cronjob",
        title: "A CronJob",
        description: "A Job template with a Pod template: runs as root, with an NFS volume.",
        file: "cronjob.yaml",
        choices: allModes("restricted", "latest", { enforceWorkloads: true, admission: "kubewarden" }),
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
        description: "Four documents, one of which creates pods.",
        file: "helm-chart.yaml",
        choices: allModes("restricted"),
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
        description: "A DaemonSet with access to its node, which only the level privileged allows.",
        file: "node-exporter.yaml",
        choices: allModes("baseline"),
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
        description: "A pod with full access to its node. The level has no restrictions.",
        file: "pod-privileged.yaml",
        choices: allModes("privileged"),
        expected: [{ kind: "Pod", name: "toolbox", satisfied: true, checks: [] }],
      },
      {
        id: "pod-baseline-passes",
        title: "Baseline: accepted",
        description: "A pod without a security context.",
        file: "pod-baseline-passes.yaml",
        choices: allModes("baseline"),
        expected: [{ kind: "Pod", name: "cache", satisfied: true, checks: [] }],
      },
      {
        id: "pod-baseline-fails",
        title: "Baseline: rejected",
        description: "A hostPath volume and a host port.",
        file: "pod-baseline-fails.yaml",
        choices: allModes("baseline"),
        expected: [{ kind: "Pod", name: "log-shipper", satisfied: false, checks: ["hostPathVolumes", "hostPorts"] }],
      },
      {
        id: "pod-restricted-passes",
        title: "Restricted: accepted",
        description: "Everything that the level requires, and no more.",
        file: "pod-restricted-passes.yaml",
        choices: allModes("restricted"),
        expected: [{ kind: "Pod", name: "orders", satisfied: true, checks: [] }],
      },
      {
        id: "pod-restricted-fails",
        title: "Restricted: rejected",
        description: "A hardened pod with an init container that is not.",
        file: "pod-restricted-fails.yaml",
        choices: allModes("restricted"),
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
        description: "Restrictions that apply only to Linux are skipped.",
        file: "windows-pod.yaml",
        choices: allModes("restricted"),
        expected: [{ kind: "Pod", name: "intranet", satisfied: true, checks: [] }],
      },
      {
        id: "user-namespace-pod",
        title: "A pod in a user namespace",
        description: "With hostUsers: false it can run as root, from v1.35 on.",
        file: "user-namespace-pod.yaml",
        choices: allModes("restricted"),
        expected: [{ kind: "Pod", name: "image-builder", satisfied: true, checks: [] }],
      },
    ],
  },
  {
    title: "The walk-through",
    examples: [
      {
        id: "walk-through-before",
        title: "Before: only a warning",
        description: "The labels of the namespace enforce privileged, and warn about restricted at v1.25.",
        file: "walk-through-before.yaml",
        choices: fromLabels({
          "pod-security.kubernetes.io/enforce": "privileged",
          "pod-security.kubernetes.io/warn": "restricted",
          "pod-security.kubernetes.io/warn-version": "v1.25",
        }),
        expected: [{ kind: "Deployment", name: "reversewords", satisfied: true, checks: RESTRICTED_DEFAULTS }],
      },
      {
        id: "walk-through-after",
        title: "After: fixed and enforced",
        description: "The same Deployment with all fixes that the warning listed.",
        file: "walk-through-after.yaml",
        choices: fromLabels({
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

/** The example that the page begins with. */
export const FIRST = "deployment";

export function exampleById(id: string): Example | undefined {
  return EXAMPLES.flatMap((group) => group.examples).find((example) => example.id === id);
}
