#!/usr/bin/env bats
# End-to-end tests: the module, the command line of kwctl, and requests of an API server. KWCTL is the program (kwctl or
# this repository's test host) and POLICY the module; `make e2e` sets both. kwctl allows host calls only for an annotated
# module.

# Functions print several arguments at once.
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
    # Without it, kwctl downloads the trust root of signatures in each run, which takes a second.
    echo '{}' >"$BATS_FILE_TMPDIR/trust.json"
    # With it, the error texts of kwctl contain a stack trace.
    unset RUST_BACKTRACE
}

setup() {
    cd "$BATS_TEST_DIRNAME" || return
    data=tests/data/e2e
    restricted='{"level":"restricted"}'
    honor='{"defaults":{"enforce":"privileged"},"namespaceLabels":"honor"}'
    existing='{"defaults":{},"namespaceLabels":"honor","existing":"workloads"}'
    tighten='{"level":"baseline","namespaceLabels":"tighten"}'
    set='{"level":"restricted","version":"v1.34","namespaceLabels":"set"}'
    allow_existing='{"level":"baseline","workloads":"enforce","updates":"allow-existing"}'
    harden='{"level":"restricted","harden":["allowPrivilegeEscalation","capabilities_restricted","runAsNonRoot","seccompProfile_restricted"]}'
    # The violations of the Deployment and of the scanned pod, which are the same in every mode.
    unhardened='allowPrivilegeEscalation != false (container "web" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "web" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "web" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
    # The rejection of the privileged pod.
    shell_at_baseline='pods "node-shell" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostPID=true), hostPath volumes (volume "root"), privileged (container "shell" must not set securityContext.privileged=true)'
}

# validate REQUEST SETTINGS ARGUMENT...: runs the policy. REQUEST is a file, or a name in tests/data/e2e.
validate() {
    local request=$1 settings=$2
    shift 2
    [ -f "$request" ] || request=$data/$request.json
    run --separate-stderr "$KWCTL" run "$POLICY" --request-path "$request" --settings-json "$settings" \
        --sigstore-trust-config "$BATS_FILE_TMPDIR/trust.json" "$@"
    # bats prints it if the test fails.
    # shellcheck disable=SC2154 # stderr is of run
    printf 'exit %s\n%s\n%s\n' "$status" "$output" "$stderr"
}

# replay_session SESSION: the arguments to replay a recorded session.
replay_session() {
    echo "--allow-context-aware --replay-host-capabilities-interactions $data/$1.session.yml"
}

# namespace_labels LABEL=VALUE...: the arguments for a namespace with these labels; a leading / stands for
# pod-security.kubernetes.io/.
namespace_labels() {
    local labels='' label session=$BATS_TEST_TMPDIR/labels.session.yml
    for label in "${@/#\//pod-security.kubernetes.io/}"; do
        labels+=${labels:+,}$(json_string "${label%%=*}"):$(json_string "${label#*=}")
    done
    sed -E "s|\"labels\":\{[^}]*\}|\"labels\":{$labels}|" "$data/namespace.session.yml" >"$session"
    echo "--allow-context-aware --replay-host-capabilities-interactions $session"
}

# exemption_settings RULE [LEVEL]: settings with an exemption rule for single checks; the default level is baseline.
exemption_settings() {
    echo "{\"level\":\"${2:-baseline}\",\"exemptions\":{\"checks\":[$1]}}"
}

# edit_request REQUEST SED-SCRIPT: the file of an edited request; fails if the script changes nothing.
edit_request() {
    sed -E "$2" "$data/$1.json" >"$BATS_TEST_TMPDIR/edited.json"
    ! cmp -s "$data/$1.json" "$BATS_TEST_TMPDIR/edited.json" || return
    echo "$BATS_TEST_TMPDIR/edited.json"
}

# json_string TEXT: the text as a JSON string.
json_string() {
    local text=${1//\\/\\\\}
    printf '"%s"' "${text//\"/\\\"}"
}

expect_output() {
    [[ "$output" == *"$1"* ]] || {
        echo "not in the output: $1"
        return 1
    }
}

# Accepted without a patch, which would be before the annotations.
expect_accepted() {
    [ "$status" -eq 0 ]
    expect_output '"allowed":true,"auditAnnotations":'
}

# expect_patch PATCH: accepted with exactly this patch.
expect_patch() {
    [ "$status" -eq 0 ]
    expect_output '"allowed":true,"patchType":"JSONPatch","patch":"'
    local patch
    patch=$(sed -E 's/.*"patch":"([^"]*)".*/\1/' <<<"$output" | base64 -d)
    [ "$patch" = "$1" ] || {
        echo "the patch: $patch"
        return 1
    }
}

# expect_rejection CODE MESSAGE
expect_rejection() {
    [ "$status" -eq 0 ]
    expect_output "\"allowed\":false,\"status\":{\"message\":$(json_string "$2"),\"code\":$1},"
}

# expect_warnings WARNING...: exactly these warnings; without arguments none.
expect_warnings() {
    local warnings='' warning
    for warning in "$@"; do warnings+=${warnings:+,}$(json_string "$warning"); done
    expect_output "\"warnings\":${warnings:+[}${warnings:-null}${warnings:+]}}"
}

# expect_annotation KEY VALUE
expect_annotation() {
    expect_output "$(json_string "$1"):$(json_string "$2")"
}

expect_no_annotations() {
    expect_output '"auditAnnotations":null'
}

# expect_invalid_settings MESSAGE: the settings are invalid with this message.
expect_invalid_settings() {
    [ "$status" -eq 1 ]
    [ -z "$output" ]
    [[ "$stderr" == *"Error: Provided settings are not valid: $1" ]]
}

# --- Pods ---

@test "accepts a pod that satisfies restricted" {
    validate restricted-pod "$restricted"
    expect_accepted
    expect_warnings
    expect_annotation enforce-policy restricted:latest
}

@test "rejects a pod with a message that lists all violations" {
    validate privileged-pod "$restricted"
    expect_rejection 403 'pods "node-shell" is forbidden: violates PodSecurity "restricted:latest": host namespaces (hostPID=true), privileged (container "shell" must not set securityContext.privileged=true), allowPrivilegeEscalation != false (container "shell" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "shell" must set securityContext.capabilities.drop=["ALL"]), restricted volume types (volume "root" uses restricted volume type "hostPath"), runAsNonRoot != true (pod or container "shell" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "shell" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
    expect_warnings
    expect_annotation enforce-policy restricted:latest
    expect_annotation audit-violations "would violate PodSecurity $(sed -E 's/.*violates PodSecurity ([^}]*)","code".*/\1/; s/\\"/"/g' <<<"$output")"
}

@test "baseline has fewer restrictions" {
    validate privileged-pod '{"level":"baseline"}'
    expect_rejection 403 "$shell_at_baseline"
    validate scanned-pod '{"level":"baseline"}'
    expect_accepted
    expect_warnings
}

@test "enforce, audit and warn can have different levels and versions" {
    validate privileged-pod '{"defaults":{"enforce":"privileged","audit":"baseline","audit-version":"v1.20","warn":"restricted","warn-version":"v1.7"}}'
    expect_accepted
    expect_annotation enforce-policy privileged:latest
    expect_annotation audit-violations 'would violate PodSecurity "baseline:v1.20": host namespaces (hostPID=true), hostPath volumes (volume "root"), privileged (container "shell" must not set securityContext.privileged=true)'
    expect_warnings 'would violate PodSecurity "restricted:v1.7": host namespaces (hostPID=true), privileged (container "shell" must not set securityContext.privileged=true), restricted volume types (volume "root" uses restricted volume type "hostPath"), runAsNonRoot != true (pod or container "shell" must set securityContext.runAsNonRoot=true)'
}

@test "rejects a pod without a name, with a message without one" {
    request=$(edit_request scanned-pod '/^  "name":/d')
    validate "$request" '{"level":"restricted","version":"v1.7"}'
    expect_rejection 403 'pods is forbidden: violates PodSecurity "restricted:v1.7": runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true)'
}

@test "rejects a privileged ephemeral container" {
    validate debug-container '{"level":"baseline"}'
    expect_rejection 403 'pods "web-7d4b9" is forbidden: violates PodSecurity "baseline:latest": privileged (container "debugger" must not set securityContext.privileged=true)'
}

@test "accepts an update without relevant changes" {
    request=$(edit_request debug-container '/"ephemeralContainers":/d')
    validate "$request" "$restricted"
    expect_accepted
    expect_no_annotations
    expect_warnings
}

@test "accepts an update of a pod's status" {
    request=$(edit_request debug-container 's/ephemeralcontainers"/status"/')
    validate "$request" "$restricted"
    expect_accepted
    expect_no_annotations
    expect_warnings
}

@test "evaluates an unknown subresource" {
    request=$(edit_request debug-container 's/ephemeralcontainers"/hibernate"/')
    validate "$request" '{"level":"baseline"}'
    expect_rejection 403 'pods "web-7d4b9" is forbidden: violates PodSecurity "baseline:latest": privileged (container "debugger" must not set securityContext.privileged=true)'
}

@test "evaluates the audit scanner's request, with the kind as resource and without a user" {
    validate scanned-pod "$restricted"
    expect_rejection 403 "pods \"web-7d4b9\" is forbidden: violates PodSecurity \"restricted:latest\": $unhardened"
}

@test "accepts other resources and operations" {
    request=$(edit_request deployment 's/"deployments"/"widgets"/; s/"apps"/"example.com"/')
    validate "$request" '{"level":"restricted","workloads":"enforce"}'
    expect_accepted
    expect_no_annotations
    expect_warnings
    request=$(edit_request privileged-pod 's/"CREATE"/"DELETE"/')
    validate "$request" "$restricted"
    expect_accepted
    expect_no_annotations
    expect_warnings
}

# --- Versions ---

@test "an earlier version has its own checks" {
    validate deployment '{"level":"restricted","version":"v1.8"}'
    expect_warnings 'would violate PodSecurity "restricted:v1.8": allowPrivilegeEscalation != false (container "web" must set securityContext.allowPrivilegeEscalation=false), runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true)'
    validate deployment '{"level":"restricted","version":"v1.19"}'
    expect_warnings 'would violate PodSecurity "restricted:v1.19": allowPrivilegeEscalation != false (container "web" must set securityContext.allowPrivilegeEscalation=false), runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "web" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
}

@test "evaluates a later version as the newest one, and prints it unchanged" {
    validate deployment '{"level":"restricted","version":"v1.999"}'
    expect_accepted
    expect_warnings "would violate PodSecurity \"restricted:v1.999\": $unhardened"
}

# --- Workloads ---

@test "accepts a Deployment with a warning and an audit annotation" {
    validate deployment "$restricted"
    expect_accepted
    expect_warnings "would violate PodSecurity \"restricted:latest\": $unhardened"
    expect_annotation audit-violations "would violate PodSecurity \"restricted:latest\": $unhardened"
}

@test "rejects a Deployment with workloads: enforce" {
    validate deployment '{"level":"restricted","workloads":"enforce"}'
    expect_rejection 403 "deployments.apps \"web\" is forbidden: violates PodSecurity \"restricted:latest\": $unhardened"
    expect_warnings
}

@test "evaluates the template of a CronJob" {
    request=$(edit_request deployment 's/"apps(\/v1)?"/"batch\1"/; s/"Deployment"/"CronJob"/; s/"deployments"/"cronjobs"/; s/^      "template": \{$/"jobTemplate": {"spec": {"template": {/; s/^      "strategy".*/}}, "schedule": "@hourly",/; s/^      \},$/      }/')
    validate "$request" '{"level":"restricted","workloads":"enforce"}'
    expect_rejection 403 "cronjobs.batch \"web\" is forbidden: violates PodSecurity \"restricted:latest\": $unhardened"
}

# --- Exemptions ---

@test "exempts a user" {
    validate privileged-pod '{"level":"restricted","exemptions":{"usernames":["alice"]}}'
    expect_accepted
    expect_annotation exempt user
    expect_warnings
    validate privileged-pod '{"level":"baseline","exemptions":{"usernames":["Alice","system:serviceaccount:payments:alice"]}}'
    expect_rejection 403 "$shell_at_baseline"
}

@test "exempts a namespace" {
    validate privileged-pod '{"level":"restricted","exemptions":{"namespaces":["kube-system","payments"]}}'
    expect_accepted
    expect_annotation exempt namespace
    expect_warnings
    validate deployment '{"level":"restricted","workloads":"enforce","exemptions":{"namespaces":["payments"]}}'
    expect_accepted
    expect_annotation exempt namespace
    expect_warnings
}

@test "exempts a runtime class" {
    validate privileged-pod '{"level":"restricted","exemptions":{"runtimeClasses":["sandboxed"]}}'
    expect_accepted
    expect_annotation exempt runtimeClass
    expect_warnings
}

@test "exempts a group" {
    validate privileged-pod '{"level":"restricted","exemptions":{"groups":["operators","developers"]}}'
    expect_accepted
    expect_annotation exempt group
    expect_warnings
    validate privileged-pod '{"level":"baseline","exemptions":{"groups":["operators","Developers"]}}'
    expect_rejection 403 "$shell_at_baseline"
    validate privileged-pod '{"level":"baseline","exemptions":{"groups":["system:authenticated"]}}'
    expect_invalid_settings 'exemptions.groups[0]: every user is in this group, so nothing would ever be judged, not "system:authenticated"'
}

@test "exempts pods of a service account" {
    account='{"level":"baseline","exemptions":{"serviceAccounts":["payments/default"]}}'
    validate privileged-pod "$account"
    expect_accepted
    expect_annotation exempt serviceAccount
    expect_warnings
    request=$(edit_request privileged-pod 's/"hostPID": true,/& "serviceAccountName": "shell",/')
    validate "$request" "$account"
    expect_rejection 403 "$shell_at_baseline"
    # The service account of a workload's pods is that of its template.
    validate deployment '{"level":"restricted","workloads":"enforce","exemptions":{"serviceAccounts":["payments/default"]}}'
    expect_accepted
    expect_annotation exempt serviceAccount
}

@test "does not exempt requests of a service account" {
    request=$(edit_request privileged-pod 's/"alice"/"system:serviceaccount:payments:shell"/')
    validate "$request" '{"level":"baseline","exemptions":{"serviceAccounts":["payments/shell"]}}'
    expect_rejection 403 "$shell_at_baseline"
    validate "$request" '{"level":"baseline","exemptions":{"serviceAccounts":["system:serviceaccount:payments:shell"]}}'
    expect_invalid_settings 'exemptions.serviceAccounts[0]: is the user that a service account is when it asks for something itself; what is meant here is the service account that pods run as, written as namespace/name, not "system:serviceaccount:payments:shell"'
}

@test "exempts namespaces by a pattern" {
    validate privileged-pod '{"level":"baseline","exemptions":{"namespacePatterns":["cattle-*","pay*s"]}}'
    expect_accepted
    expect_annotation exempt namespace
    expect_warnings
    validate privileged-pod '{"level":"baseline","exemptions":{"namespacePatterns":["cattle-*","pay"]}}'
    expect_rejection 403 "$shell_at_baseline"
    validate privileged-pod '{"level":"baseline","exemptions":{"namespacePatterns":["**"]}}'
    expect_invalid_settings 'exemptions.namespacePatterns[0]: stands for every namespace, so nothing would ever be judged, not "**"'
}

@test "exempts namespaces by their labels, independently of namespaceLabels" {
    selector='{"level":"baseline","exemptions":{"namespaceSelector":{"matchLabels":{"team":"platform"},"matchExpressions":[{"key":"stage","operator":"NotIn","values":["production"]}]}}}'
    validate privileged-pod "$selector" $(namespace_labels team=platform)
    expect_accepted
    expect_annotation exempt namespace
    expect_warnings
    validate privileged-pod "$selector" $(namespace_labels team=platform stage=production /enforce=privileged)
    expect_rejection 403 "$shell_at_baseline"
    validate privileged-pod "$selector" $(namespace_labels)
    expect_rejection 403 "$shell_at_baseline"
    validate privileged-pod '{"level":"baseline","exemptions":{"namespaceSelector":{}}}'
    expect_invalid_settings 'exemptions.namespaceSelector: is empty, and would select every namespace, so that nothing would ever be judged; select by matchLabels or matchExpressions'
}

@test "does not exempt a namespace whose labels cannot be read" {
    selector='{"level":"baseline","exemptions":{"usernames":["root"],"namespaceSelector":{"matchLabels":{"team":"platform"}}}}'
    validate restricted-pod "$selector" $(replay_session no-namespace)
    expect_rejection 500 'Internal error occurred: failed to lookup namespace "payments"'
    validate deployment "$selector" $(replay_session no-namespace)
    expect_accepted
    expect_annotation error "failed to lookup namespace \"payments\": Host error: Callback evaluation failure: Cannot find v1/Namespace named 'payments' inside of namespace 'None'"
    request=$(edit_request privileged-pod 's/"alice"/"root"/')
    validate "$request" "$selector" $(replay_session no-namespace)
    expect_accepted
    expect_annotation exempt user
}

# --- Exemptions for single checks ---

# validate_exporter REQUEST: runs the policy with the rules for node exporters.
validate_exporter() {
    validate "$1" '{}' --settings-path "$data/node-exporter.settings.yml"
}

# expect_exporter_rejection VIOLATIONS
expect_exporter_rejection() {
    expect_rejection 403 "pods \"node-exporter-8x2vk\" is forbidden: violates PodSecurity \"restricted:latest\": $1"
}

@test "accepts a node exporter with exemption rules, and annotates their reasons" {
    validate_exporter node-exporter
    expect_accepted
    expect_warnings
    expect_annotation enforce-policy restricted:latest
    expect_annotation exempt-checks 'hostNamespaces (spec.hostNetwork, spec.hostPID): host-wide metrics; capabilities_restricted (spec.containers[0].securityContext.capabilities.add[0]): reads raw sockets; restrictedVolumes (spec.volumes[0].hostPath, spec.volumes[1].hostPath, spec.volumes[2].hostPath): host-wide metrics; runAsNonRoot (spec.containers[0].securityContext.runAsNonRoot): reads raw sockets'
    validate_exporter node-exporter-daemonset
    expect_accepted
    expect_warnings
    expect_annotation exempt-checks 'hostNamespaces (spec.template.spec.hostNetwork, spec.template.spec.hostPID): host-wide metrics; capabilities_restricted (spec.template.spec.containers[0].securityContext.capabilities.add[0]): reads raw sockets; restrictedVolumes (spec.template.spec.volumes[0].hostPath, spec.template.spec.volumes[1].hostPath, spec.template.spec.volumes[2].hostPath): host-wide metrics; runAsNonRoot (spec.template.spec.containers[0].securityContext.runAsNonRoot): reads raw sockets'
}

@test "a rule does not apply to other containers" {
    container='{"name": "shell", "image": "registry.example\/tools\/shell:2", "resources": {}, "securityContext": {"capabilities": {"add": ["NET_RAW"], "drop": ["ALL"]}, "allowPrivilegeEscalation": false}}'
    request=$(edit_request node-exporter "s/^        \}$/&, $container/")
    validate_exporter "$request"
    expect_exporter_rejection 'unrestricted capabilities (container "shell" must not include "NET_RAW" in securityContext.capabilities.add), runAsNonRoot != true (pod or container "shell" must set securityContext.runAsNonRoot=true)'
    expect_annotation exempt-checks 'hostNamespaces (spec.hostNetwork, spec.hostPID): host-wide metrics; capabilities_restricted (spec.containers[0].securityContext.capabilities.add[0]): reads raw sockets; restrictedVolumes (spec.volumes[0].hostPath, spec.volumes[1].hostPath, spec.volumes[2].hostPath): host-wide metrics; runAsNonRoot (spec.containers[0].securityContext.runAsNonRoot): reads raw sockets'
    of_container='unrestricted capabilities (container "node-exporter" must not include "NET_RAW" in securityContext.capabilities.add), runAsNonRoot != true (pod or container "node-exporter" must set securityContext.runAsNonRoot=true)'
    request=$(edit_request node-exporter 's/"containers"/"initContainers"/')
    validate_exporter "$request"
    expect_exporter_rejection "$of_container"
    request=$(edit_request node-exporter 's/quay.io/registry.example\/quay.io/')
    validate_exporter "$request"
    expect_exporter_rejection "$of_container"
}

@test "a rule does not apply to other namespaces, pods or service accounts" {
    of_node='host namespaces (hostNetwork=true, hostPID=true)'
    request=$(edit_request node-exporter 's/"namespace": "monitoring"/"namespace": "payments"/')
    validate_exporter "$request"
    expect_exporter_rejection "$of_node, restricted volume types (volumes \"proc\", \"sys\", \"root\" use restricted volume type \"hostPath\")"
    request=$(edit_request node-exporter 's/"app": "node-exporter"/"app": "shell"/')
    validate_exporter "$request"
    expect_exporter_rejection "$of_node"
    request=$(edit_request node-exporter '/"serviceAccount(Name)?"/d')
    validate_exporter "$request"
    expect_exporter_rejection "$of_node"
}

@test "a rule does not apply to other values" {
    request=$(edit_request node-exporter 's/"\/sys"/"\/etc"/')
    validate_exporter "$request"
    expect_exporter_rejection 'restricted volume types (volume "sys" uses restricted volume type "hostPath")'
    # Paths on the node do not match other volume types.
    request=$(edit_request node-exporter 's/"hostPath": (.*"\/"), "type": ""/"nfs": \1, "server": "nfs.example"/')
    validate_exporter "$request"
    expect_exporter_rejection 'restricted volume types (volume "root" uses restricted volume type "nfs")'
    request=$(edit_request restricted-pod 's/"containerPort": 8080,/& "hostPort": 8080,/')
    validate "$request" "$(exemption_settings '{"checks":["hostPorts"],"values":[8080],"reason":"old clients"}')"
    expect_accepted
    expect_annotation exempt-checks 'hostPorts (spec.containers[0].ports[0].hostPort): old clients'
    validate "$request" "$(exemption_settings '{"checks":["hostPorts"],"values":[80],"reason":"old clients"}')"
    expect_rejection 403 'pods "api" is forbidden: violates PodSecurity "baseline:latest": hostPort (container "api" uses hostPort 8080)'
}

@test "reports missing fields if the explicit values are exempt" {
    request=$(edit_request unhardened-pod 's/"runAsNonRoot": true/"runAsNonRoot": false/')
    validate "$request" '{"level":"restricted","version":"v1.7"}'
    expect_rejection 403 'pods "shop" is forbidden: violates PodSecurity "restricted:v1.7": runAsNonRoot != true (container "proxy" must not set securityContext.runAsNonRoot=false)'
    validate "$request" '{"level":"restricted","version":"v1.7","exemptions":{"checks":[{"checks":["runAsNonRoot"],"containers":["pro*"],"reason":"r"}]}}'
    expect_rejection 403 'pods "shop" is forbidden: violates PodSecurity "restricted:v1.7": runAsNonRoot != true (pod or containers "migrate", "web" must set securityContext.runAsNonRoot=true)'
}

@test "exemptions apply in every mode, and to the pods of a relabelled namespace" {
    rule='{"checks":["allowPrivilegeEscalation","capabilities_restricted","seccompProfile_restricted"],"containers":["web"],"reason":"old"}'
    validate deployment "$(exemption_settings "$rule" restricted)"
    expect_accepted
    expect_warnings 'would violate PodSecurity "restricted:latest": runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true)'
    expect_annotation audit-violations 'would violate PodSecurity "restricted:latest": runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true)'
    expect_annotation exempt-checks 'allowPrivilegeEscalation (spec.template.spec.containers[0].securityContext.allowPrivilegeEscalation): old; capabilities_restricted (spec.template.spec.containers[0].securityContext.capabilities.drop): old; seccompProfile_restricted (spec.template.spec.containers[0].securityContext.seccompProfile.type): old'
    validate relabelled-namespace "{\"defaults\":{},\"namespaceLabels\":\"honor\",\"exemptions\":{\"checks\":[$rule]}}" $(replay_session pods)
    expect_accepted
    expect_warnings 'existing pods in namespace "payments" violate the new PodSecurity enforce level "restricted:v1.25"' \
        'node-shell: host namespaces, privileged, allowPrivilegeEscalation != false, unrestricted capabilities, restricted volume types, runAsNonRoot != true, seccompProfile' \
        'web-7d4b9-b7c (and 1 other pod): runAsNonRoot != true'
}

@test "a rule covers the annotation of the container that it names, and values in every spelling" {
    rule='{"checks":["appArmorProfile"],"containers":["api"],"values":["Unconfined"],"reason":"own profile"}'
    unconfined='s/"securityContext": \{"cap/"securityContext": {"appArmorProfile": {"type": "Unconfined"}, "cap/'
    annotated() { echo "$unconfined; s/\"labels\": /\"annotations\": {\"container.apparmor.security.beta.kubernetes.io\/$1\": \"$2\"}, &/"; }
    request=$(edit_request restricted-pod "$(annotated api unconfined)")
    validate "$request" "$(exemption_settings "$rule")"
    expect_accepted
    expect_annotation exempt-checks 'appArmorProfile (metadata.annotations[container.apparmor.security.beta.kubernetes.io/api], spec.containers[0].securityContext.appArmorProfile.type): own profile'
    # Not that of another container, and no other value.
    request=$(edit_request restricted-pod "$(annotated other unconfined)")
    validate "$request" "$(exemption_settings "$rule")"
    expect_rejection 403 'pods "api" is forbidden: violates PodSecurity "baseline:latest": forbidden AppArmor profile (annotation must not set AppArmor profile type to "container.apparmor.security.beta.kubernetes.io/other="unconfined"")'
    request=$(edit_request restricted-pod "$(annotated api complain)")
    validate "$request" "$(exemption_settings "$rule")"
    expect_rejection 403 'pods "api" is forbidden: violates PodSecurity "baseline:latest": forbidden AppArmor profile (annotation must not set AppArmor profile type to "container.apparmor.security.beta.kubernetes.io/api="complain"")'
    request=$(edit_request node-exporter 's/"NET_RAW"/"CAP_NET_RAW"/')
    validate_exporter "$request"
    expect_accepted
}

@test "a rule covers directories of the node and read-only mounts" {
    rule() { exemption_settings '{"checks":["hostPathVolumes"],"pathPrefixes":["/proc","/sys/","/var/log"],"readOnly":true,"reason":"r"},{"checks":["hostNamespaces","capabilities_baseline"],"reason":"r"}'; }
    of_volumes() { expect_rejection 403 "pods \"node-exporter-8x2vk\" is forbidden: violates PodSecurity \"baseline:latest\": hostPath volumes (volume \"$1\")"; }
    validate node-exporter "$(rule)"
    of_volumes root
    request=$(edit_request node-exporter 's/"path": "\/"/"path": "\/var\/log\/pods\/"/')
    validate "$request" "$(rule)"
    expect_accepted
    for path in '\/var\/logs' '\/var\/log\/..\/lib' '\/var'; do
        request=$(edit_request node-exporter "s/\"path\": \"\/\"/\"path\": \"$path\"/")
        validate "$request" "$(rule)"
        of_volumes root
    done
    request=$(edit_request node-exporter 's/"path": "\/"/"path": "\/var\/log"/; s/"name": "root", "readOnly": true/"name": "root", "readOnly": false/')
    validate "$request" "$(rule)"
    of_volumes root
    validate node-exporter "$(exemption_settings '{"checks":["hostPathVolumes","hostPorts"],"values":["/proc"],"pathPrefixes":["/"],"readOnly":false,"reason":"r"}')"
    expect_invalid_settings '4 mistakes:
- exemptions.checks[0].pathPrefixes[0]: has every path of the node in it; to allow all, leave pathPrefixes out; to allow some, name a directory, not "/"
- exemptions.checks[0].readOnly: must be true; to allow writable mounts, leave it out
- exemptions.checks[0].pathPrefixes: can never hold for hostPorts, which does not look at volumes; give hostPorts a rule without it
- exemptions.checks[0].readOnly: can never hold for hostPorts, which does not look at volumes; give hostPorts a rule without it'
    validate node-exporter "$(exemption_settings '{"checks":["hostPathVolumes"],"values":["var/log"],"reason":"r"}')"
    expect_invalid_settings 'exemptions.checks[0].values[0]: "var/log" is no value that hostPathVolumes can find; paths of the node are absolute, such as /var/log'
}

@test "a rejection names the further check that a rule needs" {
    request=$(edit_request restricted-pod 's/"allowPrivilegeEscalation": false/"privileged": true/')
    validate "$request" "$(exemption_settings '{"checks":["privileged"],"reason":"r"}' restricted)"
    expect_rejection 403 'pods "api" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "api" must set securityContext.allowPrivilegeEscalation=false); the exemption of privileged also needs that of allowPrivilegeEscalation, because the API server rejects allowPrivilegeEscalation=false in a privileged container'
    validate "$request" "$(exemption_settings '{"checks":["privileged","allowPrivilegeEscalation"],"reason":"r"}' restricted)"
    expect_accepted
}

@test "an error in a rule has a suggestion" {
    validate node-exporter "$(exemption_settings '{"checks":["hostPathVolume"],"podSelector":{"matchlabels":{"app":"x"}},"containerType":["init"]}')"
    expect_invalid_settings '4 mistakes:
- exemptions.checks[0].checks[0]: there is no check "hostPathVolume"; did you mean "hostPathVolumes"?
- exemptions.checks[0].containerType: unknown key; did you mean "containerTypes"?
- exemptions.checks[0].podSelector.matchlabels: unknown key; did you mean "matchLabels"?
- exemptions.checks[0].reason: missing; say why, for who reads the audit log'
}

@test "a rule that can never apply is an error" {
    validate node-exporter "$(exemption_settings '{"checks":["hostNamespaces"],"containers":["node-exporter"],"reason":"r"}')"
    expect_invalid_settings 'exemptions.checks[0].containers: can never hold for hostNamespaces, which looks at the pod and not at its containers; give hostNamespaces a rule without it'
    validate node-exporter "$(exemption_settings '{"checks":["privileged"],"values":["true"],"reason":"r"}')"
    expect_invalid_settings 'exemptions.checks[0].values: can never hold for privileged, whose findings have no values to choose from; give privileged a rule without it'
    validate node-exporter "$(exemption_settings '{"checks":["runAsNonRoot"],"reason":"r"}')"
    expect_invalid_settings 'exemptions.checks[0].checks: runAsNonRoot never runs: it is a check of restricted from v1.0 on, and the settings enforce, audit and warn of baseline:latest, baseline:latest, baseline:latest'
    validate node-exporter "$(exemption_settings '{"checks":["hostPorts"],"values":["http"],"reason":"r"}')"
    expect_invalid_settings 'exemptions.checks[0].values[0]: "http" is no value that hostPorts can find'
    validate node-exporter "$(exemption_settings '{"checks":["hostPathVolumes"],"namespaces":[],"reason":"r"}')"
    expect_invalid_settings 'exemptions.checks[0].namespaces: is empty, so that the rule would never hold; leave it out, or name something'
}

@test "a rule can have a check that only labels require" {
    validate deployment '{"level":"baseline","namespaceLabels":"honor","exemptions":{"checks":[{"checks":["runAsNonRoot"],"reason":"old"}]}}' $(namespace_labels /warn=restricted /warn-version=v1.7)
    expect_accepted
    expect_warnings
    expect_annotation exempt-checks 'runAsNonRoot (spec.template.spec.containers[0].securityContext.runAsNonRoot): old'
}

# --- Namespaces and their labels ---

@test "rejects a namespace with invalid labels" {
    validate new-namespace "$honor"
    expect_rejection 422 'Namespace "payments" is invalid: [metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "restrictd": must be one of privileged, baseline, restricted, metadata.labels[pod-security.kubernetes.io/enforce-version]: Invalid value: "1.34": must be "latest" or "v1.x"]'
}

@test "namespaceLabels: ignore ignores labels" {
    validate new-namespace "$restricted"
    expect_accepted
    expect_warnings
    validate relabelled-namespace "$restricted"
    expect_accepted
    expect_warnings
}

@test "stricter labels cause warnings about existing pods" {
    validate relabelled-namespace "$honor" $(replay_session pods) --allowed-host-capabilities kubernetes/get_resource kubernetes/list_resources_by_namespace
    expect_accepted
    expect_warnings 'existing pods in namespace "payments" violate the new PodSecurity enforce level "restricted:v1.25"' \
        'node-shell: host namespaces, privileged, allowPrivilegeEscalation != false, unrestricted capabilities, restricted volume types, runAsNonRoot != true, seccompProfile' \
        'web-7d4b9-b7c (and 1 other pod): allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile'
}

@test "a failing list of pods causes a warning" {
    validate relabelled-namespace "$honor" $(replay_session no-pods)
    expect_accepted
    expect_warnings 'failed to list pods while checking new PodSecurity enforce level'
    expect_annotation error 'failed to list pods while checking new PodSecurity enforce level: Host error: Callback evaluation failure: the pods cannot be listed'
}

@test "does not list pods without permission, and warns about the missing permission" {
    validate relabelled-namespace "$honor" $(replay_session forbidden-pods)
    expect_accepted
    expect_warnings 'failed to list pods while checking new PodSecurity enforce level' \
        'the service account of the policy server must be allowed to get, list and watch pods'
    validate relabelled-namespace "$honor" $(replay_session pods) --allowed-host-capabilities kubernetes/list_resources_by_namespace
    expect_accepted
    expect_warnings 'failed to list pods while checking new PodSecurity enforce level' \
        'the policy needs the host capability kubernetes/get_resource'
    validate relabelled-namespace "$honor" $(replay_session pods) --allowed-host-capabilities kubernetes/get_resource
    expect_accepted
    expect_warnings 'failed to list pods while checking new PodSecurity enforce level' \
        'the policy needs the host capability kubernetes/list_resources_by_namespace'
    validate relabelled-namespace "$honor"
    expect_accepted
    expect_warnings 'failed to list pods while checking new PodSecurity enforce level' \
        'the policy needs v1/Pod in its contextAwareResources'
}

@test "existing: workloads adds warnings about workloads, grouped with their pods" {
    local missing='allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile'
    local pods=('existing pods in namespace "payments" violate the new PodSecurity enforce level "restricted:v1.25"'
        'node-shell: host namespaces, privileged, allowPrivilegeEscalation != false, unrestricted capabilities, restricted volume types, runAsNonRoot != true, seccompProfile'
        "web-7d4b9-b7c (and 1 other pod): $missing")
    local workloads=('existing workloads in namespace "payments" violate the new PodSecurity enforce level "restricted:v1.25"'
        "CronJob backup: host namespaces, $missing" "Deployment idle (and 1 other workload): $missing" "Deployment web (with 2 pods): $missing")
    validate relabelled-namespace "$existing" $(replay_session workloads)
    expect_accepted
    expect_warnings "${pods[@]}" "${workloads[@]}"
    # By default pods only, with the same requests.
    validate relabelled-namespace "$honor" $(replay_session workloads)
    expect_warnings "${pods[@]}"
    rule='{"checks":["hostNamespaces","allowPrivilegeEscalation","capabilities_restricted","runAsNonRoot","seccompProfile_restricted"],"podSelector":{"matchLabels":{"app":"backup"}},"reason":"old"}'
    validate relabelled-namespace "${existing%\}},\"exemptions\":{\"checks\":[$rule]}}" $(replay_session workloads)
    expect_accepted
    expect_warnings "${pods[@]}" "${workloads[0]}" "${workloads[@]:2}"
}

@test "existing: workloads looks before it lists, and names what is missing" {
    local kinds='cronjobs.batch, deployments.apps, statefulsets.apps, daemonsets.apps, jobs.batch, replicasets.apps, replicationcontrollers'
    local failed="failed to list $kinds while checking new PodSecurity enforce level"
    # Without grants each kind is named, and no list is requested.
    validate relabelled-namespace "$existing"
    expect_accepted
    expect_warnings 'failed to list pods while checking new PodSecurity enforce level' \
        'the policy needs v1/Pod in its contextAwareResources' "$failed" \
        'the policy needs batch/v1/CronJob, apps/v1/Deployment, apps/v1/StatefulSet, apps/v1/DaemonSet, batch/v1/Job, apps/v1/ReplicaSet, v1/ReplicationController in its contextAwareResources'
    # Forbidden by the API server: the session has the answers to the lookups alone.
    local session=$BATS_TEST_TMPDIR/forbidden.session.yml kind
    for kind in v1/Pod/pods batch/v1/CronJob/cronjobs apps/v1/Deployment/deployments apps/v1/StatefulSet/statefulsets \
        apps/v1/DaemonSet/daemonsets batch/v1/Job/jobs apps/v1/ReplicaSet/replicasets v1/ReplicationController/replicationcontrollers; do
        sed "s|api_version: v1|api_version: ${kind%/*/*}|; s|kind: Pod|kind: $(basename "${kind%/*}")|; s|name: may_pods_be_listed|name: may_${kind##*/}_be_listed|" "$data/forbidden-pods.session.yml" | grep -v '^#' >>"$session"
    done
    validate relabelled-namespace "$existing" --allow-context-aware --replay-host-capabilities-interactions "$session"
    expect_accepted
    expect_warnings 'failed to list pods while checking new PodSecurity enforce level' \
        'the service account of the policy server must be allowed to get, list and watch pods' "$failed" \
        "the service account of the policy server must be allowed to get, list and watch $kinds"
    # After another failure nothing is looked up: the session ends after the pods.
    validate relabelled-namespace "$existing" $(replay_session pods)
    expect_accepted
    expect_output "\"new PodSecurity enforce level not checked against existing ${kinds#*, }\",\"failed to list cronjobs.batch while checking new PodSecurity enforce level\"]"
}

@test "existing: workloads without labels is an error" {
    validate relabelled-namespace '{"level":"baseline","existing":"workloads"}'
    expect_invalid_settings 'existing: has no effect with namespaceLabels: ignore, with which labels change no level; set namespaceLabels to honor, tighten or set, or leave existing out'
}

@test "warns about labels of an exempt namespace" {
    validate relabelled-namespace '{"defaults":{},"namespaceLabels":"honor","exemptions":{"namespaces":["payments"]}}'
    expect_accepted
    expect_warnings 'namespace "payments" is exempt from Pod Security, and the policy (enforce=restricted:v1.25) will be ignored'
}

@test "evaluates a pod by the labels of its namespace" {
    validate scanned-pod "$honor" $(replay_session namespace) --allowed-host-capabilities kubernetes/get_resource
    expect_rejection 403 "pods \"web-7d4b9\" is forbidden: violates PodSecurity \"restricted:v1.25\": $unhardened"
    expect_annotation enforce-policy restricted:v1.25
    validate restricted-pod "$honor" $(replay_session namespace)
    expect_accepted
    expect_annotation enforce-policy restricted:v1.25
}

@test "warns about misspelt labels with labelTypos: warn" {
    request=$(edit_request new-namespace 's/\/enforce": "restrictd"/\/enforced": "restricted"/; s/\/enforce-version": "1.34"/\/warn_version": "v1.34"/')
    validate "$request" "$honor"
    expect_accepted
    expect_warnings
    for settings in '{"defaults":{},"namespaceLabels":"honor","labelTypos":"warn"}' '{"level":"baseline","labelTypos":"warn"}' "$tighten"; do
        validate "$request" "$settings"
        expect_accepted
        expect_warnings 'label "pod-security.kubernetes.io/enforced" means nothing to Pod Security; did you mean "pod-security.kubernetes.io/enforce"?' \
            'label "pod-security.kubernetes.io/warn_version" means nothing to Pod Security; did you mean "pod-security.kubernetes.io/warn-version"?'
    done
    validate "$request" '{"level":"baseline","namespaceLabels":"tighten","labelTypos":"ignore"}'
    expect_accepted
    expect_warnings
}

@test "labelTypos: warn warns about labels with similar prefixes, among annotations, and without effect" {
    request=$(edit_request new-namespace 's/pod-security.kubernetes.io\/enforce": "restrictd"/podsecurity.kubernetes.io\/enforce": "restricted"/; s/pod-security.kubernetes.io\/enforce-version": "1.34"/pod-security.k8s.io\/level": "baseline"/')
    validate "$request" '{"level":"baseline","labelTypos":"warn"}'
    expect_accepted
    expect_warnings 'label "pod-security.k8s.io/level" means nothing to Pod Security; its labels are pod-security.kubernetes.io/enforce, audit and warn, and each of them with -version' \
        'label "podsecurity.kubernetes.io/enforce" means nothing to Pod Security; did you mean "pod-security.kubernetes.io/enforce"?'
    request=$(edit_request new-namespace 's/"labels"/"annotations"/; s/restrictd/restricted/')
    validate "$request" '{"level":"baseline","labelTypos":"warn"}'
    expect_accepted
    expect_warnings 'annotation "pod-security.kubernetes.io/enforce" means nothing to Pod Security, which reads the label of this name' \
        'annotation "pod-security.kubernetes.io/enforce-version" means nothing to Pod Security, which reads the label of this name'
    request=$(edit_request new-namespace 's/restrictd/restricted/; s/"1.34"/"v1.34"/')
    validate "$request" '{"level":"baseline","labelTypos":"warn"}'
    expect_accepted
    expect_warnings 'namespace "payments" is evaluated by the settings of the policy alone, and the policy of its labels (enforce=restricted:v1.34) will be ignored'
    validate "$request" '{"level":"baseline"}'
    expect_accepted
    expect_warnings
}

# --- Labels that cannot weaken ---

@test "namespaceLabels: tighten ignores a lower label" {
    validate privileged-pod "$tighten" $(namespace_labels /enforce=privileged /audit=privileged /warn=privileged)
    expect_rejection 403 "$shell_at_baseline"
    expect_annotation enforce-policy baseline:latest
    validate privileged-pod "$tighten" $(namespace_labels)
    expect_rejection 403 "$shell_at_baseline"
}

@test "namespaceLabels: tighten enforces a stricter label too" {
    validate scanned-pod "$tighten" $(replay_session namespace) --allowed-host-capabilities kubernetes/get_resource
    expect_rejection 403 "pods \"web-7d4b9\" is forbidden: violates PodSecurity \"restricted:v1.25\": $unhardened"
    expect_annotation enforce-policy restricted:v1.25
    # A violation of the settings' policy is reported with this policy.
    validate privileged-pod "$tighten" $(replay_session namespace)
    expect_rejection 403 "$shell_at_baseline"
    expect_annotation enforce-policy baseline:latest
    validate restricted-pod "$tighten" $(replay_session namespace)
    expect_accepted
    expect_warnings
    expect_annotation enforce-policy restricted:v1.25
    validate deployment "$tighten" $(namespace_labels /warn=restricted)
    expect_accepted
    expect_warnings "would violate PodSecurity \"restricted:latest\": $unhardened"
}

@test "namespaceLabels: tighten enforces a label with another version too" {
    request=$(edit_request restricted-pod 's/"securityContext": \{"runAsNonRoot"/"securityContext": {"sysctls": [{"name": "net.ipv4.tcp_keepalive_time", "value": "60"}], "runAsNonRoot"/')
    validate "$request" "$tighten" $(namespace_labels /enforce=baseline /enforce-version=v1.28)
    expect_rejection 403 'pods "api" is forbidden: violates PodSecurity "baseline:v1.28": forbidden sysctls (net.ipv4.tcp_keepalive_time)'
    expect_annotation enforce-policy baseline:v1.28
    validate "$request" '{"level":"baseline","version":"v1.28","namespaceLabels":"tighten"}' $(namespace_labels /enforce=baseline /enforce-version=latest)
    expect_rejection 403 'pods "api" is forbidden: violates PodSecurity "baseline:v1.28": forbidden sysctls (net.ipv4.tcp_keepalive_time)'
    validate "$request" "$tighten" $(namespace_labels /enforce=baseline /enforce-version=v1.29)
    expect_accepted
}

@test "namespaceLabels: tighten handles an invalid label as Kubernetes does" {
    validate scanned-pod "$tighten" $(namespace_labels /enforce=restrictd)
    expect_rejection 403 "pods \"web-7d4b9\" is forbidden: violates PodSecurity \"restricted:latest\": $unhardened"
    expect_annotation error 'Failed to parse policy: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "restrictd": must be one of privileged, baseline, restricted'
    validate new-namespace "$tighten"
    expect_rejection 422 'Namespace "payments" is invalid: [metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "restrictd": must be one of privileged, baseline, restricted, metadata.labels[pod-security.kubernetes.io/enforce-version]: Invalid value: "1.34": must be "latest" or "v1.x"]'
}

@test "namespaceLabels: tighten rejects pods of a namespace that cannot be read" {
    validate restricted-pod "$tighten" $(replay_session no-namespace)
    expect_rejection 500 'Internal error occurred: failed to lookup namespace "payments"'
}

@test "warns about a label of a lower level when it is set" {
    request=$(edit_request new-namespace 's/"restrictd"/"privileged"/; s/"1.34"/"v1.34"/')
    validate "$request" "$tighten"
    expect_accepted
    expect_no_annotations
    expect_warnings 'label pod-security.kubernetes.io/enforce=privileged is lower than the policy of this cluster: baseline:latest is enforced all the same'
    request=$(edit_request relabelled-namespace 's/"restricted"/"baseline"/; /enforce-version/d; s/("pod-security.kubernetes.io\/enforce": "baseline"),$/\1/')
    validate "$request" '{"level":"restricted","namespaceLabels":"tighten"}'
    expect_accepted
    expect_warnings
}

@test "namespaceLabels: tighten evaluates existing pods for stricter labels" {
    validate relabelled-namespace "$tighten" $(replay_session pods)
    expect_accepted
    expect_warnings 'existing pods in namespace "payments" violate the new PodSecurity enforce level "restricted:v1.25"' \
        'node-shell: host namespaces, privileged, allowPrivilegeEscalation != false, unrestricted capabilities, restricted volume types, runAsNonRoot != true, seccompProfile' \
        'web-7d4b9-b7c (and 1 other pod): allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile'
    # The labels are not stricter than the settings, so the pods are not listed.
    validate relabelled-namespace '{"level":"restricted","version":"v1.25","namespaceLabels":"tighten"}'
    expect_accepted
    expect_warnings
}

@test "namespaceLabels: set adds missing labels to a namespace" {
    request=$(edit_request new-namespace '/pod-security/d; s/("kubernetes.io\/metadata.name": "payments"),/\1/')
    validate "$request" "$set"
    expect_patch '[{"op":"add","path":"/metadata/labels/pod-security.kubernetes.io~1audit","value":"restricted"},{"op":"add","path":"/metadata/labels/pod-security.kubernetes.io~1audit-version","value":"v1.34"},{"op":"add","path":"/metadata/labels/pod-security.kubernetes.io~1enforce","value":"restricted"},{"op":"add","path":"/metadata/labels/pod-security.kubernetes.io~1enforce-version","value":"v1.34"},{"op":"add","path":"/metadata/labels/pod-security.kubernetes.io~1warn","value":"restricted"},{"op":"add","path":"/metadata/labels/pod-security.kubernetes.io~1warn-version","value":"v1.34"}]'
    expect_annotation labels-set 'pod-security.kubernetes.io/enforce=restricted, pod-security.kubernetes.io/enforce-version=v1.34, pod-security.kubernetes.io/audit=restricted, pod-security.kubernetes.io/audit-version=v1.34, pod-security.kubernetes.io/warn=restricted, pod-security.kubernetes.io/warn-version=v1.34'
    expect_warnings
    # An update adds them too.
    validate relabelled-namespace '{"defaults":{"enforce":"restricted","enforce-version":"v1.25","audit":"baseline"},"namespaceLabels":"set"}'
    expect_patch '[{"op":"add","path":"/metadata/labels/pod-security.kubernetes.io~1audit","value":"baseline"},{"op":"add","path":"/metadata/labels/pod-security.kubernetes.io~1audit-version","value":"latest"}]'
    expect_annotation labels-set 'pod-security.kubernetes.io/audit=baseline, pod-security.kubernetes.io/audit-version=latest'
    expect_warnings
    # Without a warn label the enforce level applies, and a lower label would weaken it.
    validate relabelled-namespace '{"defaults":{"enforce":"restricted","enforce-version":"v1.25","warn":"baseline"},"namespaceLabels":"set"}'
    expect_accepted
    # Not to an exempt namespace, or one that is being deleted.
    validate "$request" '{"level":"restricted","namespaceLabels":"set","exemptions":{"namespaces":["payments"]}}'
    expect_accepted
    expect_warnings
    request=$(edit_request relabelled-namespace '1,/"oldObject"/{s/"creationTimestamp"/"deletionTimestamp": "2026-04-01T10:00:00Z", &/; s/"restricted"/"privileged"/;}')
    validate "$request" "$set"
    expect_accepted
    expect_warnings 'label pod-security.kubernetes.io/enforce=privileged is lower than the policy of this cluster: restricted:v1.34 is enforced all the same'
}

@test "namespaceLabels: set raises lower labels only" {
    settings='{"defaults":{"enforce":"baseline","audit":"baseline"},"namespaceLabels":"set"}'
    request=$(edit_request new-namespace 's/"restrictd"/"privileged"/; s/"1.34"/"v1.34", "pod-security.kubernetes.io\/audit": "restricted"/')
    validate "$request" "$settings"
    expect_patch '[{"op":"replace","path":"/metadata/labels/pod-security.kubernetes.io~1enforce","value":"baseline"},{"op":"replace","path":"/metadata/labels/pod-security.kubernetes.io~1enforce-version","value":"latest"}]'
    expect_annotation labels-set 'pod-security.kubernetes.io/enforce=baseline, pod-security.kubernetes.io/enforce-version=latest'
    expect_warnings 'label pod-security.kubernetes.io/enforce=privileged is lower than the policy of this cluster: it was raised to baseline'
    validate new-namespace "$settings"
    expect_rejection 422 'Namespace "payments" is invalid: [metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "restrictd": must be one of privileged, baseline, restricted, metadata.labels[pod-security.kubernetes.io/enforce-version]: Invalid value: "1.34": must be "latest" or "v1.x"]'
    # Pods are evaluated as with tighten.
    validate privileged-pod "$settings" $(namespace_labels /enforce=privileged)
    expect_rejection 403 "$shell_at_baseline"
}

# --- Workloads that are enforced ---

@test "accepts an update that does not change a workload's template" {
    enforce='{"level":"baseline","workloads":"enforce"}'
    would='would violate PodSecurity "baseline:latest": hostPath volumes (volume "logs")'
    validate scaled-deployment "$enforce"
    expect_accepted
    expect_warnings "$would"
    expect_annotation audit-violations "$would"
    # A workload that is being deleted must be able to remove its finalizers.
    request=$(edit_request scaled-deployment '1,/"oldObject"/{s/"creationTimestamp": "/"deletionTimestamp": "2026-04-01T10:00:00Z", &/; s/agent:3/agent:4/;}')
    validate "$request" "$enforce"
    expect_accepted
    expect_warnings "$would"
    request=$(edit_request scaled-deployment 's/^  "name"/  "subResource": "scale", "requestSubResource": "scale",\n&/')
    validate "$request" "$enforce"
    expect_accepted
    expect_warnings
}

@test "evaluates an update that changes a workload's template" {
    request=$(edit_request scaled-deployment '1,/"oldObject"/s/agent:3/agent:4/')
    validate "$request" '{"level":"baseline","workloads":"enforce"}'
    expect_rejection 403 'deployments.apps "agent" is forbidden: violates PodSecurity "baseline:latest": hostPath volumes (volume "logs")'
}

# expect_update_rejection SED-SCRIPT VIOLATIONS: an update that changes the template with the script is rejected.
expect_update_rejection() {
    request=$(edit_request scaled-deployment "1,/\"oldObject\"/$1")
    validate "$request" "$allow_existing"
    expect_rejection 403 "deployments.apps \"agent\" is forbidden: violates PodSecurity \"baseline:latest\": $2"
}

@test "updates: allow-existing rejects only new violations" {
    request=$(edit_request scaled-deployment '1,/"oldObject"/s/agent:3/agent:4/')
    validate "$request" "$allow_existing"
    expect_accepted
    expect_warnings 'would violate PodSecurity "baseline:latest": hostPath volumes (volume "logs")' \
        'this update is accepted because it adds no violation, but new pods will be rejected: they violate PodSecurity "baseline:latest"'
    validate "$request" '{"defaults":{"enforce":"baseline"},"workloads":"enforce","updates":"allow-existing"}'
    expect_accepted
    expect_warnings 'this update is accepted because it adds no violation, but new pods will be rejected: they violate PodSecurity "baseline:latest": hostPath volumes (volume "logs")'
    # What the controller creates then is rejected, and an update that creates nothing needs no warning.
    request=$(edit_request scaled-deployment 's/"UPDATE"/"CREATE"/; s/"deployments"/"replicasets"/; s/"Deployment"/"ReplicaSet"/')
    validate "$request" "$allow_existing"
    expect_rejection 403 'replicasets.apps "agent" is forbidden: violates PodSecurity "baseline:latest": hostPath volumes (volume "logs")'
    validate scaled-deployment "$allow_existing"
    expect_accepted
    expect_warnings 'would violate PodSecurity "baseline:latest": hostPath volumes (volume "logs")'
    # With another path, volume or check, all violations are reported.
    expect_update_rejection 's/"\/var\/log"/"\/var"/' 'hostPath volumes (volume "logs")'
    expect_update_rejection 's/"logs", "hostPath"/"all-logs", "hostPath"/' 'hostPath volumes (volume "all-logs")'
    expect_update_rejection 's/"securityContext": \{\}/"hostIPC": true, &/' 'host namespaces (hostIPC=true), hostPath volumes (volume "logs")'
    # A pod with another image is evaluated again.
    request=$(edit_request debug-container '/"ephemeralContainers"/d; 1,/"oldObject"/s/web:1.0/web:1.1/; s/"securityContext": \{\}/"hostPID": true, &/')
    validate "$request" "$allow_existing"
    expect_rejection 403 'pods "web-7d4b9" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostPID=true)'
}

# --- Rules with an end and an owner, help ---

# rule_with KEYS: settings with a rule for the privileged ephemeral container, with these further keys.
rule_with() {
    exemption_settings "{\"checks\":[\"privileged\"],\"reason\":\"r\",$1}"
}

@test "a rule holds until the end of its last day, by the clock of the host" {
    violation='pods "web-7d4b9" is forbidden: violates PodSecurity "baseline:latest": privileged (container "debugger" must not set securityContext.privileged=true)'
    validate debug-container "$(rule_with '"expires":"9999-12-31"')"
    expect_accepted
    expect_warnings
    expect_annotation exempt-checks 'privileged (spec.ephemeralContainers[0].securityContext.privileged): r'
    validate debug-container "$(rule_with '"expires":"2020-02-29"')"
    expect_rejection 403 "$violation; rule exemptions.checks[0] for privileged expired at the end of 2020-02-29 (UTC)"
    # Today and in some days, with a warning.
    for days in 0 5; do
        end=$(date --utc --date "+$days days" +%F)
        validate debug-container "$(rule_with "\"expires\":\"$end\"")"
        expect_accepted
        expect_warnings "rule exemptions.checks[0] for privileged expires at the end of $end (UTC)"
    done
    validate debug-container "$(rule_with "\"expires\":\"$(date --utc --date '+20 days' +%F)\"")"
    expect_accepted
    expect_warnings
    validate debug-container "$(rule_with "\"expires\":\"$(date --utc --date '-2 days' +%F)\"")"
    expect_output '"allowed":false'
    validate debug-container "$(rule_with '"expires":"2027-02-30"')"
    expect_invalid_settings 'exemptions.checks[0].expires: must be a day that the calendar has, not "2027-02-30"'
    # Another rule that holds covers the finding.
    validate debug-container "$(exemption_settings '{"checks":["privileged"],"reason":"old","expires":"2020-02-29"},{"checks":["privileged"],"reason":"new"}')"
    expect_accepted
    expect_warnings
    expect_annotation exempt-checks 'privileged (spec.ephemeralContainers[0].securityContext.privileged): new'
}

@test "a rule can depend on who requests what" {
    for keys in '"groups":["on-call","developers"]' '"usernames":["alice"]' '"operations":["UPDATE"]' '"groups":["developers"],"usernames":["bob","alice"],"operations":["CREATE","UPDATE"],"containerTypes":["ephemeral"]'; do
        validate debug-container "$(rule_with "$keys")"
        expect_accepted
    done
    for keys in '"groups":["on-call"]' '"usernames":["bob"]' '"operations":["CREATE"]' '"groups":["developers"],"usernames":["bob"]'; do
        validate debug-container "$(rule_with "$keys")"
        expect_rejection 403 'pods "web-7d4b9" is forbidden: violates PodSecurity "baseline:latest": privileged (container "debugger" must not set securityContext.privileged=true)'
    done
    # The audit scanner has no user.
    rule='"checks":["runAsNonRoot"],"reason":"r"'
    validate scanned-pod "{\"level\":\"restricted\",\"version\":\"v1.7\",\"exemptions\":{\"checks\":[{$rule,\"groups\":[\"developers\"]}]}}"
    expect_output '"allowed":false'
    validate scanned-pod "{\"level\":\"restricted\",\"version\":\"v1.7\",\"exemptions\":{\"checks\":[{$rule,\"operations\":[\"CREATE\"]}]}}"
    expect_accepted
    validate debug-container "$(rule_with '"groups":["system:authenticated"]')"
    expect_invalid_settings 'exemptions.checks[0].groups[0]: every user is in this group, so that it is no condition; leave it out, or name another group, not "system:authenticated"'
}

@test "help follows rejections and warnings of violations" {
    validate privileged-pod '{"level":"baseline","help":"https://wiki.example/pods or #platform"}'
    expect_rejection 403 "$shell_at_baseline (https://wiki.example/pods or #platform)"
    expect_annotation audit-violations "would violate ${shell_at_baseline#* violates }"
    validate deployment '{"level":"restricted","help":"#platform"}'
    expect_accepted
    expect_warnings "would violate PodSecurity \"restricted:latest\": $unhardened (#platform)"
    validate restricted-pod '{"defaults":{},"namespaceLabels":"honor","help":"#platform"}' $(replay_session no-namespace)
    expect_rejection 500 'Internal error occurred: failed to lookup namespace "payments" (#platform)'
    validate privileged-pod '{"level":"baseline","help":"two\nlines"}'
    expect_invalid_settings 'help: must be one line of text, without control characters and without blanks at its ends, not "two\nlines"'
}

# --- Hardening ---

@test "harden and details name the operating system for a pod that selects nodes with Windows" {
    request=$(edit_request scanned-pod 's/"spec": \{/&"nodeSelector": {"kubernetes.io\/os": "windows"},/')
    validate "$request" "{\"details\":true,${harden#\{}"
    # harden sets the only field that Windows has.
    expect_rejection 403 "pods \"web-7d4b9\" is forbidden: violates PodSecurity \"restricted:latest\": ${unhardened/, runAsNonRoot != true*=true)/}"
    expect_warnings 'not hardened: the pod selects nodes with Windows, which do not have these fields; set spec.os.name to windows, and their checks do not apply'
    expect_output '\"fix\":{\"set\":\"windows\",\"path\":\"spec.os.name\"}'
    request=$(edit_request scanned-pod 's/"spec": \{/&"os": {"name": "windows"},/')
    validate "$request" "$harden"
    expect_patch '[{"op":"add","path":"/spec/containers/0/securityContext","value":{"runAsNonRoot":true}}]'
}

@test "hardens a pod by setting only missing fields" {
    full='{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]},"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}}'
    validate unhardened-pod "$harden"
    expect_patch "[{\"op\":\"add\",\"path\":\"/spec/containers/0/securityContext\",\"value\":$full},{\"op\":\"add\",\"path\":\"/spec/containers/1/securityContext/allowPrivilegeEscalation\",\"value\":false},{\"op\":\"add\",\"path\":\"/spec/containers/1/securityContext/capabilities/drop\",\"value\":[\"ALL\"]},{\"op\":\"add\",\"path\":\"/spec/containers/1/securityContext/seccompProfile\",\"value\":{\"type\":\"RuntimeDefault\"}},{\"op\":\"add\",\"path\":\"/spec/initContainers/0/securityContext\",\"value\":$full}]"
    expect_warnings 'hardened: containers "migrate", "web" got allowPrivilegeEscalation=false, capabilities.drop=["ALL"], runAsNonRoot=true, seccompProfile.type="RuntimeDefault"; container "proxy" got allowPrivilegeEscalation=false, capabilities.drop=["ALL"], seccompProfile.type="RuntimeDefault"'
    expect_annotation enforce-policy restricted:latest
    expect_annotation hardened 'spec.initContainers[0].securityContext.allowPrivilegeEscalation=false, spec.initContainers[0].securityContext.capabilities.drop=["ALL"], spec.initContainers[0].securityContext.runAsNonRoot=true, spec.initContainers[0].securityContext.seccompProfile.type="RuntimeDefault", spec.containers[0].securityContext.allowPrivilegeEscalation=false, spec.containers[0].securityContext.capabilities.drop=["ALL"], spec.containers[0].securityContext.runAsNonRoot=true, spec.containers[0].securityContext.seccompProfile.type="RuntimeDefault", spec.containers[1].securityContext.allowPrivilegeEscalation=false, spec.containers[1].securityContext.capabilities.drop=["ALL"], spec.containers[1].securityContext.seccompProfile.type="RuntimeDefault"'
    validate restricted-pod "$harden"
    expect_accepted
    expect_warnings
}

@test "hardens the template of a workload, unless a controller owns it" {
    validate deployment "$harden"
    expect_patch '[{"op":"add","path":"/spec/template/spec/containers/0/securityContext","value":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]},"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}}}]'
    expect_warnings 'hardened: container "web" got allowPrivilegeEscalation=false, capabilities.drop=["ALL"], runAsNonRoot=true, seccompProfile.type="RuntimeDefault"'
    expect_annotation hardened 'spec.template.spec.containers[0].securityContext.allowPrivilegeEscalation=false, spec.template.spec.containers[0].securityContext.capabilities.drop=["ALL"], spec.template.spec.containers[0].securityContext.runAsNonRoot=true, spec.template.spec.containers[0].securityContext.seccompProfile.type="RuntimeDefault"'
    request=$(edit_request deployment 's/"Deployment"/"ReplicaSet"/; s/"deployments"/"replicasets"/; s/^    "metadata": \{/&"ownerReferences": [{"apiVersion": "apps\/v1", "kind": "Deployment", "name": "web", "uid": "u", "controller": true}], /; /"strategy"|"progressDeadlineSeconds"/d; s/("revisionHistoryLimit": 10),/"minReadySeconds": 0/')
    validate "$request" "$harden"
    expect_accepted
    expect_warnings "would violate PodSecurity \"restricted:latest\": $unhardened"
}

@test "hardens with a user for images whose user has a name" {
    settings='{"level":"restricted","version":"v1.7","harden":{"checks":["runAsNonRoot"],"runAsUser":10001}}'
    validate unhardened-pod "$settings"
    expect_patch '[{"op":"add","path":"/spec/containers/0/securityContext","value":{"runAsNonRoot":true,"runAsUser":10001}},{"op":"add","path":"/spec/initContainers/0/securityContext","value":{"runAsNonRoot":true,"runAsUser":10001}}]'
    expect_warnings 'hardened: containers "migrate", "web" got runAsNonRoot=true, runAsUser=10001'
    # Not in a container for Windows.
    request=$(edit_request unhardened-pod 's/"initContainers"/"os": {"name": "windows"}, &/')
    validate "$request" "$settings"
    expect_patch '[{"op":"add","path":"/spec/containers/0/securityContext","value":{"runAsNonRoot":true}},{"op":"add","path":"/spec/initContainers/0/securityContext","value":{"runAsNonRoot":true}}]'
    validate unhardened-pod '{"level":"restricted","harden":{"checks":["seccompProfile_restricted"],"runAsUser":10001}}'
    expect_invalid_settings 'harden.runAsUser: is set only where runAsNonRoot is; add runAsNonRoot to the checks'
    validate unhardened-pod '{"level":"baseline","harden":["runAsNonRoot"]}'
    expect_invalid_settings 'harden: runAsNonRoot never sets a field: it is a check of restricted from v1.0 on, and the settings enforce baseline:latest'
}

@test "an update hardens a template only if it changes the template" {
    settings='{"level":"restricted","version":"v1.7","harden":["runAsNonRoot"],"exemptions":{"checks":[{"checks":["hostPathVolumes"],"reason":"r"}]}}'
    validate scaled-deployment "$settings"
    expect_accepted
    request=$(edit_request scaled-deployment '1,/"oldObject"/s/agent:3/agent:4/')
    validate "$request" "$settings"
    expect_patch '[{"op":"add","path":"/spec/template/spec/containers/0/securityContext","value":{"runAsNonRoot":true}}]'
}

@test "hardens an ephemeral container, but not existing containers" {
    request=$(edit_request debug-container 's/, "securityContext": \{"privileged": true\}//; s/web:1.0", "resources": \{\}/&, "securityContext": {"capabilities": {"drop": ["ALL"]}, "allowPrivilegeEscalation": false}/; s/"securityContext": \{\},/"securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "Localhost", "localhostProfile": "web.json"}},/')
    validate "$request" "$harden"
    expect_patch '[{"op":"add","path":"/spec/ephemeralContainers/0/securityContext","value":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}}]'
    expect_warnings 'hardened: container "debugger" got allowPrivilegeEscalation=false, capabilities.drop=["ALL"]'
    request=$(edit_request debug-container 's/, "securityContext": \{"privileged": true\}//')
    validate "$request" '{"level":"restricted","version":"v1.7","harden":["runAsNonRoot"]}'
    expect_rejection 403 'pods "web-7d4b9" is forbidden: violates PodSecurity "restricted:v1.7": runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true)'
}

@test "rejects a pod that hardening cannot fix, without a patch" {
    request=$(edit_request unhardened-pod 's/"runAsNonRoot": true/"runAsNonRoot": false/')
    validate "$request" "$harden"
    expect_rejection 403 'pods "shop" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true (container "proxy" must not set securityContext.runAsNonRoot=false)'
    expect_warnings
    # An API server rejects this field in a privileged container.
    validate privileged-pod '{"level":"restricted","harden":["allowPrivilegeEscalation"],"exemptions":{"checks":[{"checks":["privileged","hostNamespaces","hostPathVolumes","runAsNonRoot","capabilities_restricted","seccompProfile_restricted"],"reason":"r"}]}}'
    expect_rejection 403 'pods "node-shell" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "shell" must set securityContext.allowPrivilegeEscalation=false); the exemption of privileged also needs that of allowPrivilegeEscalation, because the API server rejects allowPrivilegeEscalation=false in a privileged container'
    validate unhardened-pod '{"level":"restricted","harden":["runAsNonRoots","privileged"]}'
    expect_invalid_settings '2 mistakes:
- harden[0]: there is no check that can be hardened "runAsNonRoots"; did you mean "runAsNonRoot"?
- harden[1]: there is no check that can be hardened "privileged"; there are allowPrivilegeEscalation, capabilities_restricted, runAsNonRoot, seccompProfile_restricted'
}

@test "does not harden exempt containers" {
    validate unhardened-pod '{"level":"restricted","version":"v1.7","harden":["runAsNonRoot"],"exemptions":{"checks":[{"checks":["runAsNonRoot"],"images":["*/migrate:*"],"reason":"needs root"}]}}'
    expect_patch '[{"op":"add","path":"/spec/containers/0/securityContext","value":{"runAsNonRoot":true}}]'
    expect_annotation exempt-checks 'runAsNonRoot (spec.initContainers[0].securityContext.runAsNonRoot): needs root'
}

# --- Failing lookups and invalid objects ---

@test "rejects pods of a namespace that cannot be read" {
    validate restricted-pod "$honor" $(replay_session no-namespace)
    expect_rejection 500 'Internal error occurred: failed to lookup namespace "payments"'
    expect_annotation error "Internal error occurred: failed to lookup namespace \"payments\": Host error: Callback evaluation failure: Cannot find v1/Namespace named 'payments' inside of namespace 'None'"
}

@test "accepts workloads of a namespace that cannot be read, unless they are enforced" {
    validate deployment "$honor" $(replay_session no-namespace)
    expect_accepted
    expect_annotation error "failed to lookup namespace \"payments\": Host error: Callback evaluation failure: Cannot find v1/Namespace named 'payments' inside of namespace 'None'"
    validate deployment '{"defaults":{},"namespaceLabels":"honor","workloads":"enforce"}' $(replay_session no-namespace)
    expect_rejection 500 'Internal error occurred: failed to lookup namespace "payments"'
}

@test "reports missing access" {
    validate restricted-pod "$honor"
    expect_rejection 500 'Internal error occurred: failed to lookup namespace "payments": the policy needs v1/Namespace in its contextAwareResources'
    expect_annotation error 'Internal error occurred: failed to lookup namespace "payments": the policy needs v1/Namespace in its contextAwareResources: Host error: Policy has not been granted access to Kubernetes v1/Namespace resources. The violation has been reported.'
}

@test "rejects a pod that cannot be decoded, and annotates the path" {
    request=$(edit_request restricted-pod 's/"runAsNonRoot": true/"runAsNonRoot": "yes"/')
    validate "$request" "$restricted"
    expect_rejection 400 'failed to decode object'
    expect_annotation error 'failed to decode object: request.object.spec.securityContext.runAsNonRoot: must be true or false, not "yes"'
    request=$(edit_request restricted-pod 's/^    "kind": "Pod"/    "kind": "PodTemplate"/')
    validate "$request" "$restricted"
    expect_rejection 400 'failed to decode pod'
}

@test "accepts a workload that cannot be decoded, unless it is enforced" {
    request=$(edit_request deployment 's/"securityContext": \{\}/"securityContext": []/')
    validate "$request" "$restricted"
    expect_accepted
    expect_annotation error 'failed to decode object: request.object.spec.template.spec.securityContext: must be an object, not an array'
    validate "$request" '{"level":"restricted","workloads":"enforce"}'
    expect_rejection 400 'failed to decode object'
}

# --- Details ---

@test "annotates every finding as JSON with details: true" {
    validate privileged-pod '{"defaults":{"enforce":"baseline","warn":"restricted","warn-version":"v1.8"},"details":true}'
    expect_rejection 403 "$shell_at_baseline"
    expect_annotation details "[$(paste -sd , <<'EOF'
{"check":"hostNamespaces","level":"baseline","modes":["enforce","warn"],"path":"spec.hostPID","subject":"pod","value":true,"kind":"explicit","fix":null}
{"check":"hostPathVolumes","level":"baseline","modes":["enforce"],"path":"spec.volumes[0].hostPath","subject":"volume/root","value":"/","kind":"explicit","fix":null}
{"check":"privileged","level":"baseline","modes":["enforce","warn"],"path":"spec.containers[0].securityContext.privileged","subject":"container/shell","value":true,"kind":"explicit","fix":null}
{"check":"allowPrivilegeEscalation","level":"restricted","modes":["warn"],"path":"spec.containers[0].securityContext.allowPrivilegeEscalation","subject":"container/shell","value":null,"kind":"missing","fix":null}
{"check":"restrictedVolumes","level":"restricted","modes":["warn"],"path":"spec.volumes[0].hostPath","subject":"volume/root","value":"hostPath","kind":"explicit","fix":null}
{"check":"runAsNonRoot","level":"restricted","modes":["warn"],"path":"spec.containers[0].securityContext.runAsNonRoot","subject":"container/shell","value":null,"kind":"missing","fix":{"set":true}}
EOF
    )]"
    validate restricted-pod '{"level":"restricted","details":true}'
    expect_accepted
    # Without findings there is no such annotation.
    expect_output '"auditAnnotations":{"enforce-policy":"restricted:latest"},'
}

# --- Settings ---

@test "settings that would accept every pod are invalid" {
    validate restricted-pod '{}'
    expect_invalid_settings 'level: missing; set level to one of privileged, baseline, restricted, or set defaults for each mode by itself'
    validate restricted-pod '{"defaults":{"enforce":"privileged"}}'
    expect_invalid_settings 'defaults: every mode is privileged, so nothing would ever be rejected, audited or warned of; set enforce, audit or warn to baseline or restricted, or namespaceLabels to honor'
}

@test "reports all errors in the settings at once, with suggestions" {
    validate restricted-pod '{"defaults":{"enforce":"baselin","warn_version":"v1.34"},"exemptions":{"namespace":["kube-system"]},"namespaceLabels":"honour"}'
    expect_invalid_settings '4 mistakes:
- defaults.warn_version: unknown key; did you mean "warn-version"?
- exemptions.namespace: unknown key; did you mean "namespaces"?
- defaults.enforce: must be one of privileged, baseline, restricted, not "baselin"; did you mean "baseline"?
- namespaceLabels: must be one of ignore, honor, tighten, set, not "honour"; did you mean "honor"?'
}

@test "suggests every name that is meant" {
    validate restricted-pod "$(exemption_settings '{"checks":["hostPath","capabilities","Volume Types"],"reason":"r"}')"
    expect_invalid_settings '3 mistakes:
- exemptions.checks[0].checks[0]: there is no check "hostPath"; did you mean "hostPathVolumes"?
- exemptions.checks[0].checks[1]: there is no check "capabilities"; did you mean "capabilities_baseline" or "capabilities_restricted"?
- exemptions.checks[0].checks[2]: there is no check "Volume Types"; did you mean "restrictedVolumes"?'
    validate restricted-pod '{"level":"restricted","harden":["seccompProfile"],"exemptions":{"namespaces":["cattle-*"]}}'
    expect_invalid_settings "2 mistakes:
- harden[0]: there is no check that can be hardened \"seccompProfile\"; did you mean \"seccompProfile_restricted\"?
- exemptions.namespaces[0]: cannot hold a '*', for these names are compared as they are; patterns belong in namespacePatterns, not \"cattle-*\""
}

@test "explains the first 50 of many errors in the settings" {
    validate restricted-pod "{\"level\":\"baseline\",\"exemptions\":{\"usernames\":[$(printf '"n",%.0s' {1..1000})\"n\"]}}"
    [ "$status" -eq 1 ]
    [ "$(grep -c 'stands in the list already' <<<"$stderr")" -eq 50 ]
    [[ "$stderr" == *'1000 mistakes:'*'- and 950 more' ]]
}

@test "level and defaults exclude each other" {
    validate restricted-pod '{"level":"baseline","defaults":{"warn":"restricted"}}'
    expect_invalid_settings 'level: cannot stand beside defaults: level sets all three modes alike, defaults sets each; keep one of them'
}

@test "files of settings are YAML 1.2: yes is a string, and << a key" {
    local settings=$BATS_TEST_TMPDIR/settings.yml
    printf 'level: restricted\ndetails: yes\n' >"$settings"
    validate restricted-pod '{}' --settings-path "$settings"
    expect_invalid_settings 'details: must be true or false, not "yes"'
    printf 'level: restricted\nexemptions:\n  <<: {namespaces: [kube-system]}\n' >"$settings"
    validate restricted-pod '{}' --settings-path "$settings"
    expect_invalid_settings 'exemptions.<<: unknown key; known here: usernames, groups, serviceAccounts, namespaces, namespacePatterns, namespaceSelector, runtimeClasses, runtimeClassNames, checks'
    printf 'level: restricted\ndetails: true\n' >"$settings"
    validate restricted-pod '{}' --settings-path "$settings"
    expect_accepted
}

@test "accepts a PodSecurityConfiguration as settings" {
    validate deployment '{}' --settings-path "$data/pod-security-configuration.settings.yml"
    expect_accepted
    expect_warnings "would violate PodSecurity \"restricted:v1.25\": $unhardened"
    expect_no_annotations
    validate privileged-pod '{}' --settings-path "$data/pod-security-configuration.settings.yml"
    expect_accepted
    expect_annotation audit-violations 'would violate PodSecurity "baseline:latest": host namespaces (hostPID=true), hostPath volumes (volume "root"), privileged (container "shell" must not set securityContext.privileged=true)'
}
