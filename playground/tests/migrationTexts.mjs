// Objects of the time before the Pod Security Standards.
// @ts-check

export const TEMPLATE = `apiVersion: management.cattle.io/v3
kind: PodSecurityAdmissionConfigurationTemplate
metadata:
  name: shop
description: The standard of the shop
configuration:
  defaults: {enforce: baseline, enforce-version: v1.30, audit: restricted, warn: restricted}
  exemptions: {usernames: [admin], runtimeClasses: [], namespaces: [kube-system]}
`;

export const ADMISSION = `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
  - name: PodSecurity
    configuration:
      apiVersion: pod-security.admission.config.k8s.io/v1
      kind: PodSecurityConfiguration
      defaults: {enforce: privileged}
`;

export const POLICY = `apiVersion: policy/v1beta1
kind: PodSecurityPolicy
metadata:
  name: "<img src=x> old"
spec:
  hostNetwork: true
  hostPorts: [{min: 80, max: 80}]
  volumes: ['*']
  runAsUser: {rule: RunAsAny}
  seLinux: {rule: RunAsAny}
  supplementalGroups: {rule: RunAsAny}
  fsGroup: {rule: RunAsAny}
`;

export const ROLE = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: old}
rules:
  - apiGroups: [policy]
    resources: [podsecuritypolicies]
    verbs: [use]
`;

/** Two policies, each for a pod in the same namespace. */
export const SHARED = [
  ["strict", "{readOnlyRootFilesystem: true}"],
  ["wide", "{allowedCapabilities: [CHOWN]}"],
]
  .map(([name, fields]) => {
    const context = name === "strict" ? "{readOnlyRootFilesystem: true}" : "{capabilities: {add: [CHOWN]}}";
    const spec = `{volumes: [secret], runAsUser: {rule: RunAsAny}, seLinux: {rule: RunAsAny}, supplementalGroups: {rule: RunAsAny}, fsGroup: {rule: RunAsAny}, ${fields?.slice(1)}`;
    const pod = `{containers: [{name: c, image: i, securityContext: ${context}}]}`;
    return `apiVersion: policy/v1beta1
kind: PodSecurityPolicy
metadata: {name: ${name}}
spec: ${spec}
---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop}
spec: ${pod}
`;
  })
  .join("---\n");
