#!/usr/bin/env bats
# The policy as its users meet it: the module, kwctl's command line, requests as an API server sends
# them. KWCTL is the program (kwctl, or this repository's test host), POLICY the module; `make e2e`
# sets both. The real kwctl grants host calls to an annotated module only.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_TEST_DIRNAME" || return
    if [ -z "${KWCTL:-}" ]; then
        KWCTL=$(command -v kwctl || echo target/debug/pss-host)
    fi
    if [ -z "${POLICY:-}" ]; then
        case $KWCTL in *pss-host) POLICY=policy.wasm ;; *) POLICY=annotated-policy.wasm ;; esac
    fi
    export KWCTL POLICY
    if ! command -v "$KWCTL" >/dev/null || [ ! -f "$POLICY" ]; then
        echo "e2e.bats: no $KWCTL or no $POLICY; \`make e2e\` builds what is missing" >&2
        return 1
    fi
    # Spares each run the second that kwctl takes to fetch what it verifies signatures with.
    echo '{}' >"$BATS_FILE_TMPDIR/trust.json"
    # With it, the texts of kwctl's errors carry a stack trace.
    unset RUST_BACKTRACE
}

setup() {
    cd "$BATS_TEST_DIRNAME" || return
    data=tests/data/e2e
    restricted='{"level":"restricted"}'
    honor='{"defaults":{"enforce":"privileged"},"namespaceLabels":"honor"}'
    # What is wrong with the Deployment and with the scanned pod, as every mode tells it.
    hardening='allowPrivilegeEscalation != false (container "web" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "web" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "web" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
}

# judge REQUEST SETTINGS ARGUMENT...: asks for a verdict. REQUEST is a file, or a name in tests/data/e2e.
judge() {
    local request=$1 settings=$2
    shift 2
    [ -f "$request" ] || request=$data/$request.json
    run --separate-stderr "$KWCTL" run "$POLICY" --request-path "$request" --settings-json "$settings" \
        --sigstore-trust-config "$BATS_FILE_TMPDIR/trust.json" "$@"
    # Shown where a test fails.
    # shellcheck disable=SC2154 # stderr is of run
    printf 'exit %s\n%s\n%s\n' "$status" "$output" "$stderr"
}

# replay SESSION: the arguments that answer the policy from a recorded session.
replay() {
    echo "--allow-context-aware --replay-host-capabilities-interactions $data/$1.session.yml"
}

# edited REQUEST SED-SCRIPT: a request with something changed, as a file; fails if nothing changed.
edited() {
    sed -E "$2" "$data/$1.json" >"$BATS_TEST_TMPDIR/edited.json"
    ! cmp -s "$data/$1.json" "$BATS_TEST_TMPDIR/edited.json" || return
    echo "$BATS_TEST_TMPDIR/edited.json"
}

# A text as a string of JSON.
quoted() {
    local text=${1//\\/\\\\}
    printf '"%s"' "${text//\"/\\\"}"
}

holds() {
    [[ "$output" == *"$1"* ]] || {
        echo "not in the answer: $1"
        return 1
    }
}

accepted() {
    [ "$status" -eq 0 ]
    holds '"allowed":true,"auditAnnotations":'
}

# rejected CODE MESSAGE
rejected() {
    [ "$status" -eq 0 ]
    holds "\"allowed\":false,\"status\":{\"message\":$(quoted "$2"),\"code\":$1},"
}

# warned WARNING...: these warnings and no other; none where none is given.
warned() {
    local warnings='' warning
    for warning in "$@"; do warnings+=${warnings:+,}$(quoted "$warning"); done
    holds "\"warnings\":${warnings:+[}${warnings:-null}${warnings:+]}}"
}

# annotated KEY VALUE
annotated() {
    holds "$(quoted "$1"):$(quoted "$2")"
}

unannotated() {
    holds '"auditAnnotations":null'
}

# refused MESSAGE: the settings are invalid, for this reason.
refused() {
    [ "$status" -eq 1 ]
    [ -z "$output" ]
    [[ "$stderr" == *"Error: Provided settings are not valid: $1" ]]
}

# --- Pods ---

@test "a pod that meets the restricted level is accepted" {
    judge restricted-pod "$restricted"
    accepted
    warned
    annotated enforce-policy restricted:latest
}

@test "a pod that does not is rejected, with all that is wrong with it" {
    judge privileged-pod "$restricted"
    rejected 403 'pods "node-shell" is forbidden: violates PodSecurity "restricted:latest": host namespaces (hostPID=true), privileged (container "shell" must not set securityContext.privileged=true), allowPrivilegeEscalation != false (container "shell" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "shell" must set securityContext.capabilities.drop=["ALL"]), restricted volume types (volume "root" uses restricted volume type "hostPath"), runAsNonRoot != true (pod or container "shell" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "shell" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
    warned
    annotated enforce-policy restricted:latest
    annotated audit-violations "would violate PodSecurity $(sed -E 's/.*violates PodSecurity ([^}]*)","code".*/\1/; s/\\"/"/g' <<<"$output")"
}

@test "the baseline level asks for less" {
    judge privileged-pod '{"level":"baseline"}'
    rejected 403 'pods "node-shell" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostPID=true), hostPath volumes (volume "root"), privileged (container "shell" must not set securityContext.privileged=true)'
    judge scanned-pod '{"level":"baseline"}'
    accepted
    warned
}

@test "enforce, audit and warn each have their own level and version" {
    judge privileged-pod '{"defaults":{"enforce":"privileged","audit":"baseline","audit-version":"v1.20","warn":"restricted","warn-version":"v1.7"}}'
    accepted
    annotated enforce-policy privileged:latest
    annotated audit-violations 'would violate PodSecurity "baseline:v1.20": host namespaces (hostPID=true), hostPath volumes (volume "root"), privileged (container "shell" must not set securityContext.privileged=true)'
    warned 'would violate PodSecurity "restricted:v1.7": host namespaces (hostPID=true), privileged (container "shell" must not set securityContext.privileged=true), restricted volume types (volume "root" uses restricted volume type "hostPath"), runAsNonRoot != true (pod or container "shell" must set securityContext.runAsNonRoot=true)'
}

@test "a pod that is yet to get a name is rejected without one" {
    request=$(edited scanned-pod '/^  "name":/d')
    judge "$request" '{"level":"restricted","version":"v1.7"}'
    rejected 403 'pods is forbidden: violates PodSecurity "restricted:v1.7": runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true)'
}

@test "a privileged ephemeral container is rejected" {
    judge debug-container '{"level":"baseline"}'
    rejected 403 'pods "web-7d4b9" is forbidden: violates PodSecurity "baseline:latest": privileged (container "debugger" must not set securityContext.privileged=true)'
}

@test "an update that changes nothing relevant is accepted, whatever the pod is" {
    request=$(edited debug-container '/"ephemeralContainers":/d')
    judge "$request" "$restricted"
    accepted
    unannotated
    warned
}

@test "an update of a pod's status is not looked at" {
    request=$(edited debug-container 's/ephemeralcontainers"/status"/')
    judge "$request" "$restricted"
    accepted
    unannotated
    warned
}

@test "a subresource that nobody knows is judged" {
    request=$(edited debug-container 's/ephemeralcontainers"/hibernate"/')
    judge "$request" '{"level":"baseline"}'
    rejected 403 'pods "web-7d4b9" is forbidden: violates PodSecurity "baseline:latest": privileged (container "debugger" must not set securityContext.privileged=true)'
}

@test "the audit scanner's request is judged: the kind as resource, no user" {
    judge scanned-pod "$restricted"
    rejected 403 "pods \"web-7d4b9\" is forbidden: violates PodSecurity \"restricted:latest\": $hardening"
}

@test "what is not Pod Security's business is accepted untouched" {
    request=$(edited deployment 's/"deployments"/"widgets"/; s/"apps"/"example.com"/')
    judge "$request" '{"level":"restricted","workloads":"enforce"}'
    accepted
    unannotated
    warned
    request=$(edited privileged-pod 's/"CREATE"/"DELETE"/')
    judge "$request" "$restricted"
    accepted
    unannotated
    warned
}

# --- Versions ---

@test "a version has the checks that it had" {
    judge deployment '{"level":"restricted","version":"v1.8"}'
    warned 'would violate PodSecurity "restricted:v1.8": allowPrivilegeEscalation != false (container "web" must set securityContext.allowPrivilegeEscalation=false), runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true)'
    judge deployment '{"level":"restricted","version":"v1.19"}'
    warned 'would violate PodSecurity "restricted:v1.19": allowPrivilegeEscalation != false (container "web" must set securityContext.allowPrivilegeEscalation=false), runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "web" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
}

@test "a version newer than any known is judged as the newest, and printed as written" {
    judge deployment '{"level":"restricted","version":"v1.999"}'
    accepted
    warned "would violate PodSecurity \"restricted:v1.999\": $hardening"
}

# --- Workloads ---

@test "a Deployment is accepted with a warning and an audit annotation" {
    judge deployment "$restricted"
    accepted
    warned "would violate PodSecurity \"restricted:latest\": $hardening"
    annotated audit-violations "would violate PodSecurity \"restricted:latest\": $hardening"
}

@test "with workloads: enforce it is rejected itself" {
    judge deployment '{"level":"restricted","workloads":"enforce"}'
    rejected 403 "deployments.apps \"web\" is forbidden: violates PodSecurity \"restricted:latest\": $hardening"
    warned
}

@test "a CronJob's template is found, and named by its resource" {
    request=$(edited deployment 's/"apps(\/v1)?"/"batch\1"/; s/"Deployment"/"CronJob"/; s/"deployments"/"cronjobs"/; s/^      "template": \{$/"jobTemplate": {"spec": {"template": {/; s/^      "strategy".*/}}, "schedule": "@hourly",/; s/^      \},$/      }/')
    judge "$request" '{"level":"restricted","workloads":"enforce"}'
    rejected 403 "cronjobs.batch \"web\" is forbidden: violates PodSecurity \"restricted:latest\": $hardening"
}

# --- Exemptions ---

@test "a user is exempt" {
    judge privileged-pod '{"level":"restricted","exemptions":{"usernames":["alice"]}}'
    accepted
    annotated exempt user
    warned
    judge privileged-pod '{"level":"baseline","exemptions":{"usernames":["Alice","system:serviceaccount:payments:alice"]}}'
    rejected 403 'pods "node-shell" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostPID=true), hostPath volumes (volume "root"), privileged (container "shell" must not set securityContext.privileged=true)'
}

@test "a namespace is exempt" {
    judge privileged-pod '{"level":"restricted","exemptions":{"namespaces":["kube-system","payments"]}}'
    accepted
    annotated exempt namespace
    warned
    judge deployment '{"level":"restricted","workloads":"enforce","exemptions":{"namespaces":["payments"]}}'
    accepted
    annotated exempt namespace
    warned
}

@test "a runtime class is exempt" {
    judge privileged-pod '{"level":"restricted","exemptions":{"runtimeClasses":["sandboxed"]}}'
    accepted
    annotated exempt runtimeClass
    warned
}

# --- Namespaces and their labels ---

@test "a namespace with invalid labels is rejected" {
    judge new-namespace "$honor"
    rejected 422 'Namespace "payments" is invalid: [metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "restrictd": must be one of privileged, baseline, restricted, metadata.labels[pod-security.kubernetes.io/enforce-version]: Invalid value: "1.34": must be "latest" or "v1.x"]'
}

@test "with namespaceLabels: ignore nobody looks at labels" {
    judge new-namespace "$restricted"
    accepted
    warned
    judge relabelled-namespace "$restricted"
    accepted
    warned
}

@test "stricter labels warn of the pods that are there" {
    # shellcheck disable=SC2046 # several arguments
    judge relabelled-namespace "$honor" $(replay pods) --allowed-host-capabilities kubernetes/list_resources_by_namespace
    accepted
    warned 'existing pods in namespace "payments" violate the new PodSecurity enforce level "restricted:v1.25"' \
        'node-shell: host namespaces, privileged, allowPrivilegeEscalation != false, unrestricted capabilities, restricted volume types, runAsNonRoot != true, seccompProfile' \
        'web-7d4b9-b7c (and 1 other pod): allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile'
}

@test "a list of pods that fails is a warning" {
    # shellcheck disable=SC2046
    judge relabelled-namespace "$honor" $(replay no-pods)
    accepted
    warned 'failed to list pods while checking new PodSecurity enforce level'
}

@test "an exempt namespace is told that its labels do nothing" {
    judge relabelled-namespace '{"defaults":{},"namespaceLabels":"honor","exemptions":{"namespaces":["payments"]}}'
    accepted
    warned 'namespace "payments" is exempt from Pod Security, and the policy (enforce=restricted:v1.25) will be ignored'
}

@test "a pod is judged by the labels of its namespace" {
    # shellcheck disable=SC2046
    judge scanned-pod "$honor" $(replay namespace) --allowed-host-capabilities kubernetes/get_resource
    rejected 403 "pods \"web-7d4b9\" is forbidden: violates PodSecurity \"restricted:v1.25\": $hardening"
    annotated enforce-policy restricted:v1.25
    # shellcheck disable=SC2046
    judge restricted-pod "$honor" $(replay namespace)
    accepted
    annotated enforce-policy restricted:v1.25
}

# --- What cannot be read ---

@test "a namespace that cannot be read: pods are rejected" {
    # shellcheck disable=SC2046
    judge restricted-pod "$honor" $(replay no-namespace)
    rejected 500 'Internal error occurred: failed to lookup namespace "payments"'
    annotated error "Internal error occurred: failed to lookup namespace \"payments\": Host error: Callback evaluation failure: Cannot find v1/Namespace named 'payments' inside of namespace ''"
}

@test "a namespace that cannot be read: workloads are accepted, unless they are enforced" {
    # shellcheck disable=SC2046
    judge deployment "$honor" $(replay no-namespace)
    accepted
    annotated error "failed to lookup namespace \"payments\": Host error: Callback evaluation failure: Cannot find v1/Namespace named 'payments' inside of namespace ''"
    # shellcheck disable=SC2046
    judge deployment '{"defaults":{},"namespaceLabels":"honor","workloads":"enforce"}' $(replay no-namespace)
    rejected 500 'Internal error occurred: failed to lookup namespace "payments"'
}

@test "access that was not granted is told" {
    judge restricted-pod "$honor"
    rejected 500 'Internal error occurred: failed to lookup namespace "payments"'
    annotated error 'Internal error occurred: failed to lookup namespace "payments": Host error: Policy has not been granted access to Kubernetes v1/Namespace resources. The violation has been reported.'
}

@test "a pod that cannot be decoded is rejected, and the place is told" {
    request=$(edited restricted-pod 's/"runAsNonRoot": true/"runAsNonRoot": "yes"/')
    judge "$request" "$restricted"
    rejected 400 'failed to decode object'
    annotated error 'failed to decode object: request.object.spec.securityContext.runAsNonRoot: must be true or false, not "yes"'
    request=$(edited restricted-pod 's/^    "kind": "Pod"/    "kind": "PodTemplate"/')
    judge "$request" "$restricted"
    rejected 400 'failed to decode pod'
}

@test "a workload that cannot be decoded is accepted, unless it is enforced" {
    request=$(edited deployment 's/"securityContext": \{\}/"securityContext": []/')
    judge "$request" "$restricted"
    accepted
    annotated error 'failed to decode object: request.object.spec.template.spec.securityContext: must be an object, not an array'
    judge "$request" '{"level":"restricted","workloads":"enforce"}'
    rejected 400 'failed to decode object'
}

# --- Settings ---

@test "settings that would allow everything are refused" {
    judge restricted-pod '{}'
    refused 'level: missing; set level to one of privileged, baseline, restricted, or set defaults for each mode by itself'
    judge restricted-pod '{"defaults":{"enforce":"privileged"}}'
    refused 'defaults: every mode is privileged, so nothing would ever be rejected, audited or warned of; set enforce, audit or warn to baseline or restricted, or namespaceLabels to honor'
}

@test "every mistake in the settings is told at once, with what was meant" {
    judge restricted-pod '{"defaults":{"enforce":"baselin","warn_version":"v1.34"},"exemptions":{"namespace":["kube-system"]},"namespaceLabels":"honour"}'
    refused '4 mistakes:
- defaults.warn_version: unknown key; did you mean "warn-version"?
- exemptions.namespace: unknown key; did you mean "namespaces"?
- defaults.enforce: must be one of privileged, baseline, restricted, not "baselin"; did you mean "baseline"?
- namespaceLabels: must be one of ignore, honor, not "honour"; did you mean "honor"?'
}

@test "the short form and defaults exclude each other" {
    judge restricted-pod '{"level":"baseline","defaults":{"warn":"restricted"}}'
    refused 'level: cannot stand beside defaults: level sets all three modes alike, defaults sets each; keep one of them'
}

@test "a PodSecurityConfiguration can be used as it is" {
    judge deployment '{}' --settings-path "$data/pod-security-configuration.settings.yml"
    accepted
    warned "would violate PodSecurity \"restricted:v1.25\": $hardening"
    unannotated
    judge privileged-pod '{}' --settings-path "$data/pod-security-configuration.settings.yml"
    accepted
    annotated audit-violations 'would violate PodSecurity "baseline:latest": host namespaces (hostPID=true), hostPath volumes (volume "root"), privileged (container "shell" must not set securityContext.privileged=true)'
}
