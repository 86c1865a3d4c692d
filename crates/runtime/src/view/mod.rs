//! A part of a runtime for somebody who may have less than all of it.

mod narrow;

use std::sync::Arc;

use crate::runtime::Inner;
use crate::{Limits, Rule, Runtime, Shape};

pub(crate) use narrow::Narrowed;

/// Which part of a runtime there is for somebody, and how they meet it. The default is all of it as it is.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct View {
    /// The connectors that are there; `None` for all. Names of which there is no connector mean none.
    pub connectors: Option<Vec<String>>,
    /// Rules beside those of the runtime's policy. Of these the last one that matches decides, as among the policy's own;
    /// of what it says and what the policy says the stricter holds. So nothing here allows what the policy denies or asks
    /// about, and `deny *` followed by `allow shop.get_*` leaves what the policy allows of `shop.get_*`.
    pub rules: Vec<Rule>,
    /// The shape of the surface, instead of the runtime's.
    pub shape: Option<Shape>,
    /// The limits of runs that bring none of their own, instead of the runtime's.
    pub limits: Option<Limits>,
}

impl View {
    /// Only these connectors.
    #[must_use]
    pub fn connectors(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.connectors = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// With these further rules.
    #[must_use]
    pub fn rules(mut self, rules: impl IntoIterator<Item = Rule>) -> Self {
        self.rules.extend(rules);
        self
    }

    /// In this shape.
    #[must_use]
    pub fn shape(mut self, shape: Shape) -> Self {
        self.shape = Some(shape);
        self
    }

    /// With these limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = Some(limits);
        self
    }
}

impl Runtime {
    /// A runtime over the same connectors, isolates and state, with less to it. It is cheap: documentation, lists of tools, what is known
    /// of them and connections are this runtime's, and change with it. [`close`](Self::close) of either closes both.
    ///
    /// What a connector is not there for, programs and searches of the view do not find and cannot name.
    ///
    /// ```
    /// use codemode::{RunOptions, Runtime, Rule, Verdict, View};
    /// use serde_json::{Value, json};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let any = || json!({ "type": "object" });
    /// let runtime = Runtime::builder()
    ///     .tool("read", "Reads", any(), |_: Value| async { Ok::<_, String>("read") })
    ///     .tool("write", "Writes", any(), |_: Value| async { Ok::<_, String>("written") })
    ///     .build()
    ///     .await?;
    /// let reader = runtime.view(View::default().rules([Rule::new(Verdict::Deny, "host.write")]));
    /// let run = reader.run("return host.write({})", RunOptions::default()).await;
    /// assert_eq!(run.exit_code(), 5);
    /// assert_eq!(runtime.run("return host.write({})", RunOptions::default()).await.value(), Some(&json!("written")));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Limits that cannot be honoured make the view's runs fail, as those of [`RunOptions`](crate::RunOptions) do.
    #[must_use]
    pub fn view(&self, view: View) -> Self {
        let View { connectors, rules, shape, limits } = view;
        let inner = &self.inner;
        let narrowed = Inner {
            machine: inner.machine.clone(),
            connected: Arc::clone(&inner.connected),
            limits: limits.unwrap_or_else(|| inner.limits.clone()),
            surface: inner.surface.of_view(shape),
            relay: crate::relay::Own::default(),
            results: Arc::clone(&inner.results),
            runs: inner.runs.clone(),
            docs: inner.docs.clone(),
            narrowed: Some(Narrowed::new(self.clone(), connectors, rules)),
        };
        Self { inner: Arc::new(narrowed) }
    }
}
