#!/usr/bin/env bats
# The policy as its users meet it: the module, kwctl's command line, requests as an API server sends
# them. KWCTL is the program (kwctl, or this repository's test host), POLICY the module; `make e2e`
# sets both. The real kwctl grants host calls to an annotated module only.

# Arguments come out of functions here, several at once.
# shellcheck disable=SC2046

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
    tighten='{"level":"baseline","namespaceLabels":"tighten"}'
    set='{"level":"restricted","version":"v1.34","namespaceLabels":"set"}'
    allow_existing='{"level":"baseline","workloads":"enforce","updates":"allow-existing"}'
    harden='{"level":"restricted","harden":["allowPrivilegeEscalation","capabilities_restricted","runAsNonRoot","seccompProfile_restricted"]}'
    # What is wrong with the Deployment and with the scanned pod, as every mode tells it.
    unhardened='allowPrivilegeEscalation != false (container "web" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "web" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "web" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
    # And with the privileged pod.
    shell_at_baseline='pods "node-shell" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostPID=true), hostPath volumes (volume "root"), privileged (container "shell" must not set securityContext.privileged=true)'
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

# labelled LABEL=VALUE...: the arguments that answer the policy that the namespace has these labels;
# one that begins with / is one of Pod Security's.
labelled() {
    local labels='' label session=$BATS_TEST_TMPDIR/labelled.session.yml
    for label in "${@/#\//pod-security.kubernetes.io/}"; do
        labels+=${labels:+,}$(quoted "${label%%=*}"):$(quoted "${label#*=}")
    done
    sed -E "s|\"labels\":\{[^}]*\}|\"labels\":{$labels}|" "$data/namespace.session.yml" >"$session"
    echo "--allow-context-aware --replay-host-capabilities-interactions $session"
}

# exempting RULE [LEVEL]: settings that exempt by a rule for single checks; the level is baseline.
exempting() {
    echo "{\"level\":\"${2:-baseline}\",\"exemptions\":{\"checks\":[$1]}}"
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

# As it is: with a patch the answer would go on otherwise.
accepted() {
    [ "$status" -eq 0 ]
    holds '"allowed":true,"auditAnnotations":'
}

# patched PATCH: it is accepted with these changes, and no other.
patched() {
    [ "$status" -eq 0 ]
    holds '"allowed":true,"patchType":"JSONPatch","patch":"'
    local patch
    patch=$(sed -E 's/.*"patch":"([^"]*)".*/\1/' <<<"$output" | base64 -d)
    [ "$patch" = "$1" ] || {
        echo "the patch: $patch"
        return 1
    }
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
    rejected 403 "$shell_at_baseline"
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
    rejected 403 "pods \"web-7d4b9\" is forbidden: violates PodSecurity \"restricted:latest\": $unhardened"
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
    warned "would violate PodSecurity \"restricted:v1.999\": $unhardened"
}

# --- Workloads ---

@test "a Deployment is accepted with a warning and an audit annotation" {
    judge deployment "$restricted"
    accepted
    warned "would violate PodSecurity \"restricted:latest\": $unhardened"
    annotated audit-violations "would violate PodSecurity \"restricted:latest\": $unhardened"
}

@test "with workloads: enforce it is rejected itself" {
    judge deployment '{"level":"restricted","workloads":"enforce"}'
    rejected 403 "deployments.apps \"web\" is forbidden: violates PodSecurity \"restricted:latest\": $unhardened"
    warned
}

@test "a CronJob's template is found, and named by its resource" {
    request=$(edited deployment 's/"apps(\/v1)?"/"batch\1"/; s/"Deployment"/"CronJob"/; s/"deployments"/"cronjobs"/; s/^      "template": \{$/"jobTemplate": {"spec": {"template": {/; s/^      "strategy".*/}}, "schedule": "@hourly",/; s/^      \},$/      }/')
    judge "$request" '{"level":"restricted","workloads":"enforce"}'
    rejected 403 "cronjobs.batch \"web\" is forbidden: violates PodSecurity \"restricted:latest\": $unhardened"
}

# --- Exemptions ---

@test "a user is exempt" {
    judge privileged-pod '{"level":"restricted","exemptions":{"usernames":["alice"]}}'
    accepted
    annotated exempt user
    warned
    judge privileged-pod '{"level":"baseline","exemptions":{"usernames":["Alice","system:serviceaccount:payments:alice"]}}'
    rejected 403 "$shell_at_baseline"
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

@test "a group is exempt" {
    judge privileged-pod '{"level":"restricted","exemptions":{"groups":["operators","developers"]}}'
    accepted
    annotated exempt group
    warned
    judge privileged-pod '{"level":"baseline","exemptions":{"groups":["operators","Developers"]}}'
    rejected 403 "$shell_at_baseline"
    judge privileged-pod '{"level":"baseline","exemptions":{"groups":["system:authenticated"]}}'
    refused 'exemptions.groups[0]: every user is in this group, so nothing would ever be judged, not "system:authenticated"'
}

@test "a service account is exempt: that of the pod" {
    account='{"level":"baseline","exemptions":{"serviceAccounts":["payments/default"]}}'
    judge privileged-pod "$account"
    accepted
    annotated exempt serviceAccount
    warned
    request=$(edited privileged-pod 's/"hostPID": true,/& "serviceAccountName": "shell",/')
    judge "$request" "$account"
    rejected 403 "$shell_at_baseline"
    # The pods of a workload run as its template says.
    judge deployment '{"level":"restricted","workloads":"enforce","exemptions":{"serviceAccounts":["payments/default"]}}'
    accepted
    annotated exempt serviceAccount
}

@test "a service account is not exempt for what it asks for" {
    request=$(edited privileged-pod 's/"alice"/"system:serviceaccount:payments:shell"/')
    judge "$request" '{"level":"baseline","exemptions":{"serviceAccounts":["payments/shell"]}}'
    rejected 403 "$shell_at_baseline"
    judge "$request" '{"level":"baseline","exemptions":{"serviceAccounts":["system:serviceaccount:payments:shell"]}}'
    refused 'exemptions.serviceAccounts[0]: is the user that a service account is when it asks for something itself; what is meant here is the service account that pods run as, written as namespace/name, not "system:serviceaccount:payments:shell"'
}

@test "namespaces are exempt by a pattern" {
    judge privileged-pod '{"level":"baseline","exemptions":{"namespacePatterns":["cattle-*","pay*s"]}}'
    accepted
    annotated exempt namespace
    warned
    judge privileged-pod '{"level":"baseline","exemptions":{"namespacePatterns":["cattle-*","pay"]}}'
    rejected 403 "$shell_at_baseline"
    judge privileged-pod '{"level":"baseline","exemptions":{"namespacePatterns":["**"]}}'
    refused 'exemptions.namespacePatterns[0]: stands for every namespace, so nothing would ever be judged, not "**"'
}

@test "namespaces are exempt by their labels, whatever else the labels mean" {
    selector='{"level":"baseline","exemptions":{"namespaceSelector":{"matchLabels":{"team":"platform"},"matchExpressions":[{"key":"stage","operator":"NotIn","values":["production"]}]}}}'
    judge privileged-pod "$selector" $(labelled team=platform)
    accepted
    annotated exempt namespace
    warned
    judge privileged-pod "$selector" $(labelled team=platform stage=production /enforce=privileged)
    rejected 403 "$shell_at_baseline"
    judge privileged-pod "$selector" $(labelled)
    rejected 403 "$shell_at_baseline"
    judge privileged-pod '{"level":"baseline","exemptions":{"namespaceSelector":{}}}'
    refused 'exemptions.namespaceSelector: is empty, and would select every namespace, so that nothing would ever be judged; select by matchLabels or matchExpressions'
}

@test "a namespace whose labels cannot be read is not exempt by them" {
    selector='{"level":"baseline","exemptions":{"usernames":["root"],"namespaceSelector":{"matchLabels":{"team":"platform"}}}}'
    judge restricted-pod "$selector" $(replay no-namespace)
    rejected 500 'Internal error occurred: failed to lookup namespace "payments"'
    judge deployment "$selector" $(replay no-namespace)
    accepted
    annotated error "failed to lookup namespace \"payments\": Host error: Callback evaluation failure: Cannot find v1/Namespace named 'payments' inside of namespace 'None'"
    request=$(edited privileged-pod 's/"alice"/"root"/')
    judge "$request" "$selector" $(replay no-namespace)
    accepted
    annotated exempt user
}

# --- Exemptions for single checks ---

# exporter REQUEST: asks for a verdict by the rules for node exporters.
exporter() {
    judge "$1" '{}' --settings-path "$data/node-exporter.settings.yml"
}

# forbidden_exporter WHY
forbidden_exporter() {
    rejected 403 "pods \"node-exporter-8x2vk\" is forbidden: violates PodSecurity \"restricted:latest\": $1"
}

@test "a node exporter may see its node, and the audit log is told why" {
    exporter node-exporter
    accepted
    warned
    annotated enforce-policy restricted:latest
    annotated exempt-checks 'hostNamespaces (spec.hostNetwork, spec.hostPID): host-wide metrics; capabilities_restricted (spec.containers[0].securityContext.capabilities.add[0]): reads raw sockets; restrictedVolumes (spec.volumes[0].hostPath, spec.volumes[1].hostPath, spec.volumes[2].hostPath): host-wide metrics; runAsNonRoot (spec.containers[0].securityContext.runAsNonRoot): reads raw sockets'
    exporter node-exporter-daemonset
    accepted
    warned
    annotated exempt-checks 'hostNamespaces (spec.template.spec.hostNetwork, spec.template.spec.hostPID): host-wide metrics; capabilities_restricted (spec.template.spec.containers[0].securityContext.capabilities.add[0]): reads raw sockets; restrictedVolumes (spec.template.spec.volumes[0].hostPath, spec.template.spec.volumes[1].hostPath, spec.template.spec.volumes[2].hostPath): host-wide metrics; runAsNonRoot (spec.template.spec.containers[0].securityContext.runAsNonRoot): reads raw sockets'
}

@test "a rule covers no other container" {
    container='{"name": "shell", "image": "registry.example\/tools\/shell:2", "resources": {}, "securityContext": {"capabilities": {"add": ["NET_RAW"], "drop": ["ALL"]}, "allowPrivilegeEscalation": false}}'
    request=$(edited node-exporter "s/^        \}$/&, $container/")
    exporter "$request"
    forbidden_exporter 'unrestricted capabilities (container "shell" must not include "NET_RAW" in securityContext.capabilities.add), runAsNonRoot != true (pod or container "shell" must set securityContext.runAsNonRoot=true)'
    annotated exempt-checks 'hostNamespaces (spec.hostNetwork, spec.hostPID): host-wide metrics; capabilities_restricted (spec.containers[0].securityContext.capabilities.add[0]): reads raw sockets; restrictedVolumes (spec.volumes[0].hostPath, spec.volumes[1].hostPath, spec.volumes[2].hostPath): host-wide metrics; runAsNonRoot (spec.containers[0].securityContext.runAsNonRoot): reads raw sockets'
    of_container='unrestricted capabilities (container "node-exporter" must not include "NET_RAW" in securityContext.capabilities.add), runAsNonRoot != true (pod or container "node-exporter" must set securityContext.runAsNonRoot=true)'
    request=$(edited node-exporter 's/"containers"/"initContainers"/')
    exporter "$request"
    forbidden_exporter "$of_container"
    request=$(edited node-exporter 's/quay.io/registry.example\/quay.io/')
    exporter "$request"
    forbidden_exporter "$of_container"
}

@test "a rule covers no other namespace, pod or service account" {
    of_node='host namespaces (hostNetwork=true, hostPID=true)'
    request=$(edited node-exporter 's/"namespace": "monitoring"/"namespace": "payments"/')
    exporter "$request"
    forbidden_exporter "$of_node, restricted volume types (volumes \"proc\", \"sys\", \"root\" use restricted volume type \"hostPath\")"
    request=$(edited node-exporter 's/"app": "node-exporter"/"app": "shell"/')
    exporter "$request"
    forbidden_exporter "$of_node"
    request=$(edited node-exporter '/"serviceAccount(Name)?"/d')
    exporter "$request"
    forbidden_exporter "$of_node"
}

@test "a rule covers no other value" {
    request=$(edited node-exporter 's/"\/sys"/"\/etc"/')
    exporter "$request"
    forbidden_exporter 'restricted volume types (volume "sys" uses restricted volume type "hostPath")'
    # Paths on the node say nothing of volumes that are not on the node.
    request=$(edited node-exporter 's/"hostPath": (.*"\/"), "type": ""/"nfs": \1, "server": "nfs.example"/')
    exporter "$request"
    forbidden_exporter 'restricted volume types (volume "root" uses restricted volume type "nfs")'
    request=$(edited restricted-pod 's/"containerPort": 8080,/& "hostPort": 8080,/')
    judge "$request" "$(exempting '{"checks":["hostPorts"],"values":[8080],"reason":"old clients"}')"
    accepted
    annotated exempt-checks 'hostPorts (spec.containers[0].ports[0].hostPort): old clients'
    judge "$request" "$(exempting '{"checks":["hostPorts"],"values":[80],"reason":"old clients"}')"
    rejected 403 'pods "api" is forbidden: violates PodSecurity "baseline:latest": hostPort (container "api" uses hostPort 8080)'
}

@test "what is missing elsewhere is told once what is wrong is covered" {
    request=$(edited unhardened-pod 's/"runAsNonRoot": true/"runAsNonRoot": false/')
    judge "$request" '{"level":"restricted","version":"v1.7"}'
    rejected 403 'pods "shop" is forbidden: violates PodSecurity "restricted:v1.7": runAsNonRoot != true (container "proxy" must not set securityContext.runAsNonRoot=false)'
    judge "$request" '{"level":"restricted","version":"v1.7","exemptions":{"checks":[{"checks":["runAsNonRoot"],"containers":["pro*"],"reason":"r"}]}}'
    rejected 403 'pods "shop" is forbidden: violates PodSecurity "restricted:v1.7": runAsNonRoot != true (pod or containers "migrate", "web" must set securityContext.runAsNonRoot=true)'
}

@test "every mode, and the pods of a relabelled namespace, see the same" {
    rule='{"checks":["allowPrivilegeEscalation","capabilities_restricted","seccompProfile_restricted"],"containers":["web"],"reason":"old"}'
    judge deployment "$(exempting "$rule" restricted)"
    accepted
    warned 'would violate PodSecurity "restricted:latest": runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true)'
    annotated audit-violations 'would violate PodSecurity "restricted:latest": runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true)'
    annotated exempt-checks 'allowPrivilegeEscalation (spec.template.spec.containers[0].securityContext.allowPrivilegeEscalation): old; capabilities_restricted (spec.template.spec.containers[0].securityContext.capabilities.drop): old; seccompProfile_restricted (spec.template.spec.containers[0].securityContext.seccompProfile.type): old'
    judge relabelled-namespace "{\"defaults\":{},\"namespaceLabels\":\"honor\",\"exemptions\":{\"checks\":[$rule]}}" $(replay pods)
    accepted
    warned 'existing pods in namespace "payments" violate the new PodSecurity enforce level "restricted:v1.25"' \
        'node-shell: host namespaces, privileged, allowPrivilegeEscalation != false, unrestricted capabilities, restricted volume types, runAsNonRoot != true, seccompProfile' \
        'web-7d4b9-b7c (and 1 other pod): runAsNonRoot != true'
}

@test "a rule that is mistyped is refused, with what was meant" {
    judge node-exporter "$(exempting '{"checks":["hostPathVolume"],"podSelector":{"matchlabels":{"app":"x"}},"containerType":["init"]}')"
    refused '4 mistakes:
- exemptions.checks[0].checks[0]: there is no check "hostPathVolume"; did you mean "hostPathVolumes"?
- exemptions.checks[0].containerType: unknown key; did you mean "containerTypes"?
- exemptions.checks[0].podSelector.matchlabels: unknown key; did you mean "matchLabels"?
- exemptions.checks[0].reason: missing; say why, for who reads the audit log'
}

@test "a rule that can never cover anything is refused, and says why" {
    judge node-exporter "$(exempting '{"checks":["hostNamespaces"],"containers":["node-exporter"],"reason":"r"}')"
    refused 'exemptions.checks[0].containers: can never hold for hostNamespaces, which looks at the pod and not at its containers; give hostNamespaces a rule without it'
    judge node-exporter "$(exempting '{"checks":["privileged"],"values":["true"],"reason":"r"}')"
    refused 'exemptions.checks[0].values: can never hold for privileged, whose findings have no values to choose from; give privileged a rule without it'
    judge node-exporter "$(exempting '{"checks":["runAsNonRoot"],"reason":"r"}')"
    refused 'exemptions.checks[0].checks: runAsNonRoot never runs: it is a check of restricted from v1.0 on, and the settings enforce, audit and warn of baseline:latest, baseline:latest, baseline:latest'
    judge node-exporter "$(exempting '{"checks":["hostPorts"],"values":["http"],"reason":"r"}')"
    refused 'exemptions.checks[0].values[0]: "http" is no value that hostPorts can find'
    judge node-exporter "$(exempting '{"checks":["hostPathVolumes"],"namespaces":[],"reason":"r"}')"
    refused 'exemptions.checks[0].namespaces: is empty, so that the rule would never hold; leave it out, or name something'
}

@test "a check that labels may ask for can be exempt" {
    judge deployment '{"level":"baseline","namespaceLabels":"honor","exemptions":{"checks":[{"checks":["runAsNonRoot"],"reason":"old"}]}}' $(labelled /warn=restricted /warn-version=v1.7)
    accepted
    warned
    annotated exempt-checks 'runAsNonRoot (spec.template.spec.containers[0].securityContext.runAsNonRoot): old'
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
    judge relabelled-namespace "$honor" $(replay pods) --allowed-host-capabilities kubernetes/get_resource kubernetes/list_resources_by_namespace
    accepted
    warned 'existing pods in namespace "payments" violate the new PodSecurity enforce level "restricted:v1.25"' \
        'node-shell: host namespaces, privileged, allowPrivilegeEscalation != false, unrestricted capabilities, restricted volume types, runAsNonRoot != true, seccompProfile' \
        'web-7d4b9-b7c (and 1 other pod): allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile'
}

@test "a list of pods that fails is a warning" {
    judge relabelled-namespace "$honor" $(replay no-pods)
    accepted
    warned 'failed to list pods while checking new PodSecurity enforce level'
    annotated error 'failed to list pods while checking new PodSecurity enforce level: Host error: Callback evaluation failure: the pods cannot be listed'
}

@test "pods are not listed where that would fail, and who may grant it is told what" {
    judge relabelled-namespace "$honor" $(replay forbidden-pods)
    accepted
    warned 'failed to list pods while checking new PodSecurity enforce level' \
        'the service account of the policy server must be allowed to get, list and watch pods'
    judge relabelled-namespace "$honor" $(replay pods) --allowed-host-capabilities kubernetes/list_resources_by_namespace
    accepted
    warned 'failed to list pods while checking new PodSecurity enforce level' \
        'the policy needs the host capability kubernetes/get_resource'
    judge relabelled-namespace "$honor" $(replay pods) --allowed-host-capabilities kubernetes/get_resource
    accepted
    warned 'failed to list pods while checking new PodSecurity enforce level' \
        'the policy needs the host capability kubernetes/list_resources_by_namespace'
    judge relabelled-namespace "$honor"
    accepted
    warned 'failed to list pods while checking new PodSecurity enforce level' \
        'the policy needs v1/Pod in its contextAwareResources'
}

@test "an exempt namespace is told that its labels do nothing" {
    judge relabelled-namespace '{"defaults":{},"namespaceLabels":"honor","exemptions":{"namespaces":["payments"]}}'
    accepted
    warned 'namespace "payments" is exempt from Pod Security, and the policy (enforce=restricted:v1.25) will be ignored'
}

@test "a pod is judged by the labels of its namespace" {
    judge scanned-pod "$honor" $(replay namespace) --allowed-host-capabilities kubernetes/get_resource
    rejected 403 "pods \"web-7d4b9\" is forbidden: violates PodSecurity \"restricted:v1.25\": $unhardened"
    annotated enforce-policy restricted:v1.25
    judge restricted-pod "$honor" $(replay namespace)
    accepted
    annotated enforce-policy restricted:v1.25
}

@test "a mistyped label is told of, if the settings ask for it" {
    request=$(edited new-namespace 's/\/enforce": "restrictd"/\/enforced": "restricted"/; s/\/enforce-version": "1.34"/\/warn_version": "v1.34"/')
    judge "$request" "$honor"
    accepted
    warned
    for settings in '{"defaults":{},"namespaceLabels":"honor","labelTypos":"warn"}' '{"level":"baseline","labelTypos":"warn"}' "$tighten"; do
        judge "$request" "$settings"
        accepted
        warned 'label "pod-security.kubernetes.io/enforced" means nothing to Pod Security; did you mean "pod-security.kubernetes.io/enforce"?' \
            'label "pod-security.kubernetes.io/warn_version" means nothing to Pod Security; did you mean "pod-security.kubernetes.io/warn-version"?'
    done
    judge "$request" '{"level":"baseline","namespaceLabels":"tighten","labelTypos":"ignore"}'
    accepted
    warned
}

# --- Labels that cannot weaken ---

@test "with namespaceLabels: tighten a lower label changes nothing" {
    judge privileged-pod "$tighten" $(labelled /enforce=privileged /audit=privileged /warn=privileged)
    rejected 403 "$shell_at_baseline"
    annotated enforce-policy baseline:latest
    judge privileged-pod "$tighten" $(labelled)
    rejected 403 "$shell_at_baseline"
}

@test "with namespaceLabels: tighten a stricter label is enforced too" {
    judge scanned-pod "$tighten" $(replay namespace) --allowed-host-capabilities kubernetes/get_resource
    rejected 403 "pods \"web-7d4b9\" is forbidden: violates PodSecurity \"restricted:v1.25\": $unhardened"
    annotated enforce-policy restricted:v1.25
    # What violates the settings' policy is told by it.
    judge privileged-pod "$tighten" $(replay namespace)
    rejected 403 "$shell_at_baseline"
    annotated enforce-policy baseline:latest
    judge restricted-pod "$tighten" $(replay namespace)
    accepted
    warned
    annotated enforce-policy restricted:v1.25
    judge deployment "$tighten" $(labelled /warn=restricted)
    accepted
    warned "would violate PodSecurity \"restricted:latest\": $unhardened"
}

@test "with namespaceLabels: tighten a label of another version is enforced too" {
    request=$(edited restricted-pod 's/"securityContext": \{"runAsNonRoot"/"securityContext": {"sysctls": [{"name": "net.ipv4.tcp_keepalive_time", "value": "60"}], "runAsNonRoot"/')
    judge "$request" "$tighten" $(labelled /enforce=baseline /enforce-version=v1.28)
    rejected 403 'pods "api" is forbidden: violates PodSecurity "baseline:v1.28": forbidden sysctls (net.ipv4.tcp_keepalive_time)'
    annotated enforce-policy baseline:v1.28
    judge "$request" '{"level":"baseline","version":"v1.28","namespaceLabels":"tighten"}' $(labelled /enforce=baseline /enforce-version=latest)
    rejected 403 'pods "api" is forbidden: violates PodSecurity "baseline:v1.28": forbidden sysctls (net.ipv4.tcp_keepalive_time)'
    judge "$request" "$tighten" $(labelled /enforce=baseline /enforce-version=v1.29)
    accepted
}

@test "with namespaceLabels: tighten an invalid label counts as in Kubernetes" {
    judge scanned-pod "$tighten" $(labelled /enforce=restrictd)
    rejected 403 "pods \"web-7d4b9\" is forbidden: violates PodSecurity \"restricted:latest\": $unhardened"
    annotated error 'Failed to parse policy: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "restrictd": must be one of privileged, baseline, restricted'
    judge new-namespace "$tighten"
    rejected 422 'Namespace "payments" is invalid: [metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "restrictd": must be one of privileged, baseline, restricted, metadata.labels[pod-security.kubernetes.io/enforce-version]: Invalid value: "1.34": must be "latest" or "v1.x"]'
}

@test "with namespaceLabels: tighten a namespace that cannot be read rejects pods" {
    judge restricted-pod "$tighten" $(replay no-namespace)
    rejected 500 'Internal error occurred: failed to lookup namespace "payments"'
}

@test "a label of a lower level is told of when it is set" {
    request=$(edited new-namespace 's/"restrictd"/"privileged"/; s/"1.34"/"v1.34"/')
    judge "$request" "$tighten"
    accepted
    unannotated
    warned 'label pod-security.kubernetes.io/enforce=privileged is lower than the policy of this cluster: baseline:latest is enforced all the same'
    request=$(edited relabelled-namespace 's/"restricted"/"baseline"/; /enforce-version/d; s/("pod-security.kubernetes.io\/enforce": "baseline"),$/\1/')
    judge "$request" '{"level":"restricted","namespaceLabels":"tighten"}'
    accepted
    warned
}

@test "with namespaceLabels: tighten pods are judged by what stricter labels add" {
    judge relabelled-namespace "$tighten" $(replay pods)
    accepted
    warned 'existing pods in namespace "payments" violate the new PodSecurity enforce level "restricted:v1.25"' \
        'node-shell: host namespaces, privileged, allowPrivilegeEscalation != false, unrestricted capabilities, restricted volume types, runAsNonRoot != true, seccompProfile' \
        'web-7d4b9-b7c (and 1 other pod): allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile'
    # They ask for no more than the settings did: nobody lists the pods.
    judge relabelled-namespace '{"level":"restricted","version":"v1.25","namespaceLabels":"tighten"}'
    accepted
    warned
}

@test "with namespaceLabels: set a namespace gets the labels that it lacks" {
    request=$(edited new-namespace '/pod-security/d; s/("kubernetes.io\/metadata.name": "payments"),/\1/')
    judge "$request" "$set"
    patched '[{"op":"add","path":"/metadata/labels/pod-security.kubernetes.io~1audit","value":"restricted"},{"op":"add","path":"/metadata/labels/pod-security.kubernetes.io~1audit-version","value":"v1.34"},{"op":"add","path":"/metadata/labels/pod-security.kubernetes.io~1enforce","value":"restricted"},{"op":"add","path":"/metadata/labels/pod-security.kubernetes.io~1enforce-version","value":"v1.34"},{"op":"add","path":"/metadata/labels/pod-security.kubernetes.io~1warn","value":"restricted"},{"op":"add","path":"/metadata/labels/pod-security.kubernetes.io~1warn-version","value":"v1.34"}]'
    annotated labels-set 'pod-security.kubernetes.io/enforce=restricted, pod-security.kubernetes.io/enforce-version=v1.34, pod-security.kubernetes.io/audit=restricted, pod-security.kubernetes.io/audit-version=v1.34, pod-security.kubernetes.io/warn=restricted, pod-security.kubernetes.io/warn-version=v1.34'
    warned
    # So does one that is changed.
    judge relabelled-namespace '{"defaults":{"enforce":"restricted","enforce-version":"v1.25","audit":"baseline"},"namespaceLabels":"set"}'
    patched '[{"op":"add","path":"/metadata/labels/pod-security.kubernetes.io~1audit","value":"baseline"},{"op":"add","path":"/metadata/labels/pod-security.kubernetes.io~1audit-version","value":"latest"}]'
    annotated labels-set 'pod-security.kubernetes.io/audit=baseline, pod-security.kubernetes.io/audit-version=latest'
    warned
    # Where no label says otherwise users are warned of what is enforced, and a lower label would end that.
    judge relabelled-namespace '{"defaults":{"enforce":"restricted","enforce-version":"v1.25","warn":"baseline"},"namespaceLabels":"set"}'
    accepted
    # One that is exempt gets none, nor does one that is being deleted.
    judge "$request" '{"level":"restricted","namespaceLabels":"set","exemptions":{"namespaces":["payments"]}}'
    accepted
    warned
    request=$(edited relabelled-namespace '1,/"oldObject"/{s/"creationTimestamp"/"deletionTimestamp": "2026-04-01T10:00:00Z", &/; s/"restricted"/"privileged"/;}')
    judge "$request" "$set"
    accepted
    warned 'label pod-security.kubernetes.io/enforce=privileged is lower than the policy of this cluster: restricted:v1.34 is enforced all the same'
}

@test "with namespaceLabels: set lower labels are raised, and others left alone" {
    settings='{"defaults":{"enforce":"baseline","audit":"baseline"},"namespaceLabels":"set"}'
    request=$(edited new-namespace 's/"restrictd"/"privileged"/; s/"1.34"/"v1.34", "pod-security.kubernetes.io\/audit": "restricted"/')
    judge "$request" "$settings"
    patched '[{"op":"replace","path":"/metadata/labels/pod-security.kubernetes.io~1enforce","value":"baseline"},{"op":"replace","path":"/metadata/labels/pod-security.kubernetes.io~1enforce-version","value":"latest"}]'
    annotated labels-set 'pod-security.kubernetes.io/enforce=baseline, pod-security.kubernetes.io/enforce-version=latest'
    warned 'label pod-security.kubernetes.io/enforce=privileged is lower than the policy of this cluster: it was raised to baseline'
    judge new-namespace "$settings"
    rejected 422 'Namespace "payments" is invalid: [metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "restrictd": must be one of privileged, baseline, restricted, metadata.labels[pod-security.kubernetes.io/enforce-version]: Invalid value: "1.34": must be "latest" or "v1.x"]'
    # Pods are judged as with tighten.
    judge privileged-pod "$settings" $(labelled /enforce=privileged)
    rejected 403 "$shell_at_baseline"
}

# --- Workloads that are enforced ---

@test "what leaves a workload's template as it is is never rejected" {
    enforce='{"level":"baseline","workloads":"enforce"}'
    would='would violate PodSecurity "baseline:latest": hostPath volumes (volume "logs")'
    judge scaled-deployment "$enforce"
    accepted
    warned "$would"
    annotated audit-violations "$would"
    # It is being deleted, and must be free to lose its finalizers.
    request=$(edited scaled-deployment '1,/"oldObject"/{s/"creationTimestamp": "/"deletionTimestamp": "2026-04-01T10:00:00Z", &/; s/agent:3/agent:4/;}')
    judge "$request" "$enforce"
    accepted
    warned "$would"
    request=$(edited scaled-deployment 's/^  "name"/  "subResource": "scale", "requestSubResource": "scale",\n&/')
    judge "$request" "$enforce"
    accepted
    warned
}

@test "what changes a workload's template is judged" {
    request=$(edited scaled-deployment '1,/"oldObject"/s/agent:3/agent:4/')
    judge "$request" '{"level":"baseline","workloads":"enforce"}'
    rejected 403 'deployments.apps "agent" is forbidden: violates PodSecurity "baseline:latest": hostPath volumes (volume "logs")'
}

# forbidden_update SED-SCRIPT WHY: a template that is changed so is rejected.
forbidden_update() {
    request=$(edited scaled-deployment "1,/\"oldObject\"/$1")
    judge "$request" "$allow_existing"
    rejected 403 "deployments.apps \"agent\" is forbidden: violates PodSecurity \"baseline:latest\": $2"
}

@test "with updates: allow-existing only what is new is rejected" {
    request=$(edited scaled-deployment '1,/"oldObject"/s/agent:3/agent:4/')
    judge "$request" "$allow_existing"
    accepted
    warned 'would violate PodSecurity "baseline:latest": hostPath volumes (volume "logs")'
    # Another path, another volume, another check: then all that is wrong is told.
    forbidden_update 's/"\/var\/log"/"\/var"/' 'hostPath volumes (volume "logs")'
    forbidden_update 's/"logs", "hostPath"/"all-logs", "hostPath"/' 'hostPath volumes (volume "all-logs")'
    forbidden_update 's/"securityContext": \{\}/"hostIPC": true, &/' 'host namespaces (hostIPC=true), hostPath volumes (volume "logs")'
    # A pod with another image is looked at again.
    request=$(edited debug-container '/"ephemeralContainers"/d; 1,/"oldObject"/s/web:1.0/web:1.1/; s/"securityContext": \{\}/"hostPID": true, &/')
    judge "$request" "$allow_existing"
    rejected 403 'pods "web-7d4b9" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostPID=true)'
}

# --- Hardening ---

@test "a pod is hardened: what is missing is filled in, and nothing else is changed" {
    full='{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]},"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}}'
    judge unhardened-pod "$harden"
    patched "[{\"op\":\"add\",\"path\":\"/spec/containers/0/securityContext\",\"value\":$full},{\"op\":\"add\",\"path\":\"/spec/containers/1/securityContext/allowPrivilegeEscalation\",\"value\":false},{\"op\":\"add\",\"path\":\"/spec/containers/1/securityContext/capabilities/drop\",\"value\":[\"ALL\"]},{\"op\":\"add\",\"path\":\"/spec/containers/1/securityContext/seccompProfile\",\"value\":{\"type\":\"RuntimeDefault\"}},{\"op\":\"add\",\"path\":\"/spec/initContainers/0/securityContext\",\"value\":$full}]"
    warned 'hardened: containers "migrate", "web" got allowPrivilegeEscalation=false, capabilities.drop=["ALL"], runAsNonRoot=true, seccompProfile.type="RuntimeDefault"; container "proxy" got allowPrivilegeEscalation=false, capabilities.drop=["ALL"], seccompProfile.type="RuntimeDefault"'
    annotated enforce-policy restricted:latest
    annotated hardened 'spec.initContainers[0].securityContext.allowPrivilegeEscalation=false, spec.initContainers[0].securityContext.capabilities.drop=["ALL"], spec.initContainers[0].securityContext.runAsNonRoot=true, spec.initContainers[0].securityContext.seccompProfile.type="RuntimeDefault", spec.containers[0].securityContext.allowPrivilegeEscalation=false, spec.containers[0].securityContext.capabilities.drop=["ALL"], spec.containers[0].securityContext.runAsNonRoot=true, spec.containers[0].securityContext.seccompProfile.type="RuntimeDefault", spec.containers[1].securityContext.allowPrivilegeEscalation=false, spec.containers[1].securityContext.capabilities.drop=["ALL"], spec.containers[1].securityContext.seccompProfile.type="RuntimeDefault"'
    judge restricted-pod "$harden"
    accepted
    warned
}

@test "a workload is hardened in its template, unless a controller made it" {
    judge deployment "$harden"
    patched '[{"op":"add","path":"/spec/template/spec/containers/0/securityContext","value":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]},"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}}}]'
    warned 'hardened: container "web" got allowPrivilegeEscalation=false, capabilities.drop=["ALL"], runAsNonRoot=true, seccompProfile.type="RuntimeDefault"'
    annotated hardened 'spec.template.spec.containers[0].securityContext.allowPrivilegeEscalation=false, spec.template.spec.containers[0].securityContext.capabilities.drop=["ALL"], spec.template.spec.containers[0].securityContext.runAsNonRoot=true, spec.template.spec.containers[0].securityContext.seccompProfile.type="RuntimeDefault"'
    request=$(edited deployment 's/"Deployment"/"ReplicaSet"/; s/"deployments"/"replicasets"/; s/^    "metadata": \{/&"ownerReferences": [{"apiVersion": "apps\/v1", "kind": "Deployment", "name": "web", "uid": "u", "controller": true}], /; /"strategy"|"progressDeadlineSeconds"/d; s/("revisionHistoryLimit": 10),/"minReadySeconds": 0/')
    judge "$request" "$harden"
    accepted
    warned "would violate PodSecurity \"restricted:latest\": $unhardened"
}

@test "an update hardens a template that it changes, and none that it leaves alone" {
    settings='{"level":"restricted","version":"v1.7","harden":["runAsNonRoot"],"exemptions":{"checks":[{"checks":["hostPathVolumes"],"reason":"r"}]}}'
    judge scaled-deployment "$settings"
    accepted
    request=$(edited scaled-deployment '1,/"oldObject"/s/agent:3/agent:4/')
    judge "$request" "$settings"
    patched '[{"op":"add","path":"/spec/template/spec/containers/0/securityContext","value":{"runAsNonRoot":true}}]'
}

@test "an ephemeral container is hardened, and the containers that are there are not" {
    request=$(edited debug-container 's/, "securityContext": \{"privileged": true\}//; s/web:1.0", "resources": \{\}/&, "securityContext": {"capabilities": {"drop": ["ALL"]}, "allowPrivilegeEscalation": false}/; s/"securityContext": \{\},/"securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "Localhost", "localhostProfile": "web.json"}},/')
    judge "$request" "$harden"
    patched '[{"op":"add","path":"/spec/ephemeralContainers/0/securityContext","value":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}}]'
    warned 'hardened: container "debugger" got allowPrivilegeEscalation=false, capabilities.drop=["ALL"]'
    request=$(edited debug-container 's/, "securityContext": \{"privileged": true\}//')
    judge "$request" '{"level":"restricted","version":"v1.7","harden":["runAsNonRoot"]}'
    rejected 403 'pods "web-7d4b9" is forbidden: violates PodSecurity "restricted:v1.7": runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true)'
}

@test "what hardening cannot mend is rejected, and nothing is changed" {
    request=$(edited unhardened-pod 's/"runAsNonRoot": true/"runAsNonRoot": false/')
    judge "$request" "$harden"
    rejected 403 'pods "shop" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true (container "proxy" must not set securityContext.runAsNonRoot=false)'
    warned
    # An API server takes no such field beside privileged.
    judge privileged-pod '{"level":"restricted","harden":["allowPrivilegeEscalation"],"exemptions":{"checks":[{"checks":["privileged","hostNamespaces","hostPathVolumes","runAsNonRoot","capabilities_restricted","seccompProfile_restricted"],"reason":"r"}]}}'
    rejected 403 'pods "node-shell" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "shell" must set securityContext.allowPrivilegeEscalation=false)'
    judge unhardened-pod '{"level":"restricted","harden":["runAsNonRoots","privileged"]}'
    refused '2 mistakes:
- harden[0]: there is no check that can be hardened "runAsNonRoots"; did you mean "runAsNonRoot"?
- harden[1]: there is no check that can be hardened "privileged"; there are allowPrivilegeEscalation, capabilities_restricted, runAsNonRoot, seccompProfile_restricted'
}

@test "what is exempt is not hardened" {
    judge unhardened-pod '{"level":"restricted","version":"v1.7","harden":["runAsNonRoot"],"exemptions":{"checks":[{"checks":["runAsNonRoot"],"images":["*/migrate:*"],"reason":"needs root"}]}}'
    patched '[{"op":"add","path":"/spec/containers/0/securityContext","value":{"runAsNonRoot":true}}]'
    annotated exempt-checks 'runAsNonRoot (spec.initContainers[0].securityContext.runAsNonRoot): needs root'
}

# --- What cannot be read ---

@test "a namespace that cannot be read: pods are rejected" {
    judge restricted-pod "$honor" $(replay no-namespace)
    rejected 500 'Internal error occurred: failed to lookup namespace "payments"'
    annotated error "Internal error occurred: failed to lookup namespace \"payments\": Host error: Callback evaluation failure: Cannot find v1/Namespace named 'payments' inside of namespace 'None'"
}

@test "a namespace that cannot be read: workloads are accepted, unless they are enforced" {
    judge deployment "$honor" $(replay no-namespace)
    accepted
    annotated error "failed to lookup namespace \"payments\": Host error: Callback evaluation failure: Cannot find v1/Namespace named 'payments' inside of namespace 'None'"
    judge deployment '{"defaults":{},"namespaceLabels":"honor","workloads":"enforce"}' $(replay no-namespace)
    rejected 500 'Internal error occurred: failed to lookup namespace "payments"'
}

@test "access that was not granted is told" {
    judge restricted-pod "$honor"
    rejected 500 'Internal error occurred: failed to lookup namespace "payments": the policy needs v1/Namespace in its contextAwareResources'
    annotated error 'Internal error occurred: failed to lookup namespace "payments": the policy needs v1/Namespace in its contextAwareResources: Host error: Policy has not been granted access to Kubernetes v1/Namespace resources. The violation has been reported.'
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

# --- Details ---

@test "every finding is told as JSON, if the settings ask for it" {
    judge privileged-pod '{"defaults":{"enforce":"baseline","warn":"restricted","warn-version":"v1.8"},"details":true}'
    rejected 403 "$shell_at_baseline"
    annotated details "[$(paste -sd , <<'EOF'
{"check":"hostNamespaces","level":"baseline","modes":["enforce","warn"],"path":"spec.hostPID","subject":"pod","value":true,"kind":"explicit","fix":null}
{"check":"hostPathVolumes","level":"baseline","modes":["enforce"],"path":"spec.volumes[0].hostPath","subject":"volume/root","value":"/","kind":"explicit","fix":null}
{"check":"privileged","level":"baseline","modes":["enforce","warn"],"path":"spec.containers[0].securityContext.privileged","subject":"container/shell","value":true,"kind":"explicit","fix":null}
{"check":"allowPrivilegeEscalation","level":"restricted","modes":["warn"],"path":"spec.containers[0].securityContext.allowPrivilegeEscalation","subject":"container/shell","value":null,"kind":"missing","fix":null}
{"check":"restrictedVolumes","level":"restricted","modes":["warn"],"path":"spec.volumes[0].hostPath","subject":"volume/root","value":"hostPath","kind":"explicit","fix":null}
{"check":"runAsNonRoot","level":"restricted","modes":["warn"],"path":"spec.containers[0].securityContext.runAsNonRoot","subject":"container/shell","value":null,"kind":"missing","fix":{"set":true}}
EOF
    )]"
    judge restricted-pod '{"level":"restricted","details":true}'
    accepted
    # Where nothing is found, nothing is told.
    holds '"auditAnnotations":{"enforce-policy":"restricted:latest"},'
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
- namespaceLabels: must be one of ignore, honor, tighten, set, not "honour"; did you mean "honor"?'
}

@test "the short form and defaults exclude each other" {
    judge restricted-pod '{"level":"baseline","defaults":{"warn":"restricted"}}'
    refused 'level: cannot stand beside defaults: level sets all three modes alike, defaults sets each; keep one of them'
}

@test "a PodSecurityConfiguration can be used as it is" {
    judge deployment '{}' --settings-path "$data/pod-security-configuration.settings.yml"
    accepted
    warned "would violate PodSecurity \"restricted:v1.25\": $unhardened"
    unannotated
    judge privileged-pod '{}' --settings-path "$data/pod-security-configuration.settings.yml"
    accepted
    annotated audit-violations 'would violate PodSecurity "baseline:latest": host namespaces (hostPID=true), hostPath volumes (volume "root"), privileged (container "shell" must not set securityContext.privileged=true)'
}
