//! Host functions whose schemas come from Rust types.

use std::fmt::Display;
use std::future::Future;
use std::sync::Arc;

use codemode_catalog::Tool;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Handler, Host, outcome};
use crate::{CallError, Error};

impl Host {
    /// Adds a function whose argument and result have Rust types; their schemas are the tool's.
    ///
    /// An argument that does not deserialise is answered with [`Error::InvalidArguments`], and the function is not
    /// called.
    pub fn typed_tool<In, Out, F, R, E>(
        self,
        name: impl Into<String>,
        description: impl Into<String>,
        handler: F,
    ) -> Self
    where
        In: DeserializeOwned + JsonSchema,
        Out: Serialize + JsonSchema,
        F: Fn(In) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Out, E>> + Send + 'static,
        E: Display,
    {
        let tool = Tool::new(name, description)
            .with_input_schema(schema::<In>(SchemaSettings::draft2020_12()))
            .with_output_schema(schema::<Out>(SchemaSettings::draft2020_12().for_serialize()));
        let handler: Handler = Arc::new(move |input| match serde_json::from_value::<In>(input) {
            Ok(input) => {
                let result = handler(input);
                Box::pin(async move { outcome(result.await) })
            }
            Err(error) => {
                let message = format!("invalid arguments: {error}");
                Box::pin(async move { Err(CallError::not_sent(Error::InvalidArguments { message })) })
            }
        });
        self.insert(tool, handler)
    }
}

fn schema<T: JsonSchema>(settings: SchemaSettings) -> Value {
    let mut settings = settings;
    settings.meta_schema = None;
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    // The name of a Rust type tells a model nothing.
    schema.remove("title");
    schema.to_value()
}
