//! The nodes that a pod selects: whether only nodes with Windows.

use crate::json::{Aborted, Context, FromJson, Input, Text, each_element, view};

/// The value of the labels of nodes with Windows.
const WINDOWS: &str = "windows";

view! {
    /// The `nodeSelector` of a pod: the labels with the operating system.
    pub struct NodeSelector {
        /// `kubernetes.io/os`.
        "kubernetes.io/os" => os: IsWindows,
        /// `beta.kubernetes.io/os`, its name before Kubernetes 1.14.
        "beta.kubernetes.io/os" => beta_os: IsWindows,
    }
}

/// Whether a label has the value of Windows.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct IsWindows(pub bool);

impl<'de> FromJson<'de> for IsWindows {
    const EXPECTED: &'static str = "a string";

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        if let Some(value) = input.text(Self::EXPECTED, cx)? {
            self.0 = value == WINDOWS;
        }
        Ok(())
    }
}

view! {
    /// The `affinity` of a pod.
    pub struct Affinity {
        /// `nodeAffinity`.
        "nodeAffinity" => node_affinity: NodeAffinity,
    }
}

view! {
    /// The affinity of a pod to nodes.
    pub struct NodeAffinity {
        /// `requiredDuringSchedulingIgnoredDuringExecution`.
        "requiredDuringSchedulingIgnoredDuringExecution" => required: RequiredNodes,
    }
}

view! {
    /// The nodes that a pod requires: those of any of the terms.
    pub struct RequiredNodes {
        /// `nodeSelectorTerms`.
        "nodeSelectorTerms" => terms: Choices,
    }
}

/// The terms of an affinity, or the values of a term: whether there is one for Windows, and another.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Choices {
    /// Whether there is one for Windows.
    pub windows: bool,
    /// Whether there is one that is not only for Windows.
    pub other: bool,
}

impl Choices {
    fn add(&mut self, is_windows: bool) {
        self.windows |= is_windows;
        self.other |= !is_windows;
    }

    fn is_windows(self) -> bool {
        self.windows && !self.other
    }
}

impl<'de> FromJson<'de> for Choices {
    const EXPECTED: &'static str = "an array";

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        each_element(input, cx, |_, term: Term| self.add(term.expressions.0))
    }
}

view! {
    /// A term of an affinity.
    struct Term {
        /// `matchExpressions`.
        "matchExpressions" => expressions: Expressions,
    }
}

/// Whether one of the expressions of a term, all of which a node must match, selects Windows.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Expressions(bool);

impl<'de> FromJson<'de> for Expressions {
    const EXPECTED: &'static str = "an array";

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        each_element(input, cx, |_, Expression { key, operator, values }: Expression<'de>| {
            let is_os = key == "kubernetes.io/os" || key == "beta.kubernetes.io/os";
            self.0 |= is_os && operator == "In" && values.0.is_windows();
        })
    }
}

view! {
    /// An expression of a term.
    struct Expression<'a> {
        /// `key`.
        "key" => key: Text<'a>,
        /// `operator`.
        "operator" => operator: Text<'a>,
        /// `values`.
        "values" => values: Values,
    }
}

/// The values of an expression.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Values(Choices);

impl<'de> FromJson<'de> for Values {
    const EXPECTED: &'static str = "an array";

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        each_element(input, cx, |_, choice: Text<'de>| self.0.add(choice == WINDOWS))
    }
}

/// Returns whether a node selector or a required affinity selects only nodes with Windows.
pub(super) fn selects_windows(selector: &NodeSelector, affinity: &Affinity) -> bool {
    selector.os.0 || selector.beta_os.0 || affinity.node_affinity.required.terms.is_windows()
}
