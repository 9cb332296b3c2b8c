//! Generated manifests that resemble those of applications: workloads, configuration, definitions of resources, comments,
//! quoted strings, block scalars and flow collections.

use std::fmt::Write as _;

/// Returns the corpora by name.
pub(super) fn corpora() -> [(&'static str, Vec<String>); 5] {
    let stacks = |count: usize| -> Vec<String> { (0..count).map(stack).collect() };
    [
        ("applications", stacks(300)),
        ("one large text", vec![stacks(300).concat()]),
        ("workloads", (0..600).map(deployment).collect()),
        ("configuration", (0..150).map(config_map).collect()),
        ("resource definitions", (0..40).map(definition).collect()),
    ]
}

/// Returns all objects of an application in one text.
fn stack(number: usize) -> String {
    [
        deployment(number),
        service(number),
        config_map(number),
        role(number),
        if number.is_multiple_of(20) { definition(number) } else { String::new() },
    ]
    .concat()
}

fn deployment(number: usize) -> String {
    let mut text = format!(
        r#"---
# Source: shop/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: service-{number}
  namespace: "shop-{}"
  labels:
    app.kubernetes.io/name: service-{number}
    app.kubernetes.io/instance: shop
    app.kubernetes.io/version: "2.{number}.1"
    app.kubernetes.io/managed-by: Helm
    helm.sh/chart: shop-4.17.{number}
  annotations: {{checksum/config: "3f9a{number:060x}", 'example.com/owner': 'team-{}'}}
spec:
  replicas: 3
  revisionHistoryLimit: 10
  selector:
    matchLabels:
      app.kubernetes.io/name: service-{number}
      app.kubernetes.io/instance: shop
  strategy:
    type: RollingUpdate
    rollingUpdate: {{maxSurge: 25%, maxUnavailable: 0}}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: service-{number}
        app.kubernetes.io/instance: shop
    spec:
      serviceAccountName: service-{number}
      automountServiceAccountToken: false
      # The image needs its own user.
      securityContext:
        runAsNonRoot: {}
        fsGroup: 2000
        seccompProfile:
          type: RuntimeDefault
      containers:
"#,
        number % 7,
        number % 5,
        !number.is_multiple_of(4),
    );
    for container in 0..=number % 3 {
        let _ = write!(
            text,
            r#"      - name: container-{container}
        image: "registry.example.com/shop/service-{number}:v2.{number}.1"
        imagePullPolicy: IfNotPresent
        args:
        - --listen=:80{container}0
        - --log-level=info
        - '--database=postgres://shop@db-{number}.example.com:5432/shop?sslmode=verify-full'
        command: ["/usr/bin/service", "--config", "/etc/service/config.yaml"]
        ports:
        - name: http
          containerPort: 80{container}0
          protocol: TCP
        - {{name: metrics, containerPort: 9{container}90, protocol: TCP}}
        env:
        - name: POD_NAME
          valueFrom:
            fieldRef:
              fieldPath: metadata.name
        - name: GOMAXPROCS
          value: "2"
        - name: FEATURES
          value: "search,cart,\"recommendations\",checkout"
        - name: DATABASE_PASSWORD
          valueFrom:
            secretKeyRef:
              name: service-{number}-database
              key: password
        resources:
          limits:
            cpu: 500m
            memory: 256Mi
          requests: {{cpu: 100m, memory: 128Mi}}
        livenessProbe:
          httpGet:
            path: /healthz
            port: http
          initialDelaySeconds: 10
          periodSeconds: 15
          timeoutSeconds: 3
        readinessProbe:
          httpGet:
            path: /ready
            port: http
          periodSeconds: 5
        securityContext:
          allowPrivilegeEscalation: {}
          readOnlyRootFilesystem: true
          capabilities:
            drop:
            - ALL
        volumeMounts:
        - name: config
          mountPath: /etc/service
          readOnly: true
        - name: tmp
          mountPath: /tmp
"#,
            number.is_multiple_of(6),
        );
    }
    text + r#"      volumes:
      - name: config
        configMap:
          name: settings
      - name: tmp
        emptyDir: {}
      affinity:
        podAntiAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
          - weight: 100
            podAffinityTerm:
              topologyKey: kubernetes.io/hostname
              labelSelector:
                matchLabels: {app.kubernetes.io/instance: shop}
      tolerations:
      - key: "node.kubernetes.io/unreachable"
        operator: "Exists"
        effect: "NoExecute"
        tolerationSeconds: 30
"#
}

fn service(number: usize) -> String {
    format!(
        r#"---
apiVersion: v1
kind: Service
metadata:
  name: service-{number}
  namespace: "shop-{}"
  labels:
    app.kubernetes.io/name: service-{number}
  annotations:
    prometheus.io/scrape: "true"
    prometheus.io/port: "9090"
spec:
  type: ClusterIP
  ports:
  - port: 80
    targetPort: http
    protocol: TCP
    name: http
  - port: 9090
    targetPort: metrics
    name: metrics
  selector:
    app.kubernetes.io/name: service-{number}
"#,
        number % 7
    )
}

fn role(number: usize) -> String {
    format!(
        r#"---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: service-{number}, namespace: shop}}
rules:
- apiGroups: [""]
  resources: ["configmaps", "secrets"]
  verbs: ["get", "list", "watch"]
- apiGroups:
  - apps
  resources:
  - deployments
  - statefulsets
  verbs:
  - get
"#
    )
}

fn config_map(number: usize) -> String {
    let mut text = format!(
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings-{number}\ndata:\n  LOG_LEVEL: info\n  TIMEOUT: \"30s\"\n  \
         config.yaml: |\n"
    );
    for section in 0..20 {
        let _ = write!(
            text,
            "    # Section {section} of the settings of service {number}\n    section_{section}:\n      upstream: \
             https://upstream-{section}.example.com/api/v1\n      retries: {section}\n      headers:\n        X-Request-Id: \
             \"$request_id\"\n\n"
        );
    }
    text += "  dashboard.json: |-\n    {\n";
    for panel in 0..25 {
        let _ = write!(
            text,
            "        \"panel-{panel}\": {{\n            \"title\": \"Requests per second – {panel}\",\n            \"expr\": \
             \"sum(rate(http_requests_total{{job=\\\"service-{number}\\\"}}[5m])) by (code)\",\n            \"gridPos\": \
             {{\"h\": 8, \"w\": 12, \"x\": 0, \"y\": {panel}}}\n        }},\n"
        );
    }
    text += "    }\n  notes.txt: >\n    These settings are read when the service starts,\n    and again when the file changes.\n\n    Ask the \
             team before you change them.\n";
    text
}

fn definition(number: usize) -> String {
    let mut text = format!(
        "---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  annotations:\n    \
         controller-gen.kubebuilder.io/version: v0.17.2\n  name: orders{number}.shop.example.com\nspec:\n  group: shop.example.com\n  names:\n    \
         kind: Order{number}\n    listKind: Order{number}List\n    plural: orders{number}\n    singular: order{number}\n  scope: Namespaced\n  \
         versions:\n  - name: v1\n    served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n        description: Order \
         describes an order of the shop.\n        type: object\n        properties:\n"
    );
    for property in 0..60 {
        let _ = write!(
            text,
            "          property{property}:\n            description: |-\n              Property{property} configures how orders are \
             delivered.\n\n              It defaults to `{property}` when the field is omitted, see\n              \
             https://example.com/docs/orders#{property}.\n            type: object\n            required:\n            - name\n            \
             x-kubernetes-map-type: atomic\n            properties:\n              name:\n                description: 'Name of the \
             referent: it''s required.'\n                type: string\n                maxLength: 253\n                minLength: 1\n              \
             mode:\n                default: \"Automatic\"\n                enum: [Automatic, Manual, \"Off\"]\n                type: \
             string\n              weights:\n                items:\n                  format: int32\n                  type: \
             integer\n                type: array\n"
        );
    }
    text
}
