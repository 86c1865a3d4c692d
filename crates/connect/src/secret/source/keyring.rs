//! The keyring of the system: Keychain, Credential Manager, Secret Service.

use crate::secret::error::SecretError;

/// The service under which our secrets are in a keyring.
#[cfg(feature = "keyring")]
const SERVICE: &str = "codemode";

/// A secret of the service `codemode` under the user name `name`.
pub(in crate::secret) struct Keyring {
    name: String,
}

impl Keyring {
    pub(in crate::secret) fn named(name: &str) -> Option<Self> {
        (!name.trim().is_empty()).then(|| Self { name: name.trim().to_owned() })
    }

    #[cfg(feature = "keyring")]
    pub(in crate::secret) async fn resolve(&self) -> Result<String, SecretError> {
        let name = self.name.clone();
        // A keyring that is locked asks its user.
        let asking =
            tokio::task::spawn_blocking(move || ::keyring::v1::Entry::new(SERVICE, &name)?.get_password());
        let unusable = |why: String| SecretError::Keyring { name: self.name.clone(), why };
        match asking.await {
            Ok(Ok(text)) => Ok(text),
            Ok(Err(error)) => Err(unusable(match ::keyring::v1::Entry::store_status() {
                Err(status) => format!("there is no keyring here: {status}"),
                Ok(()) => error.to_string(),
            })),
            Err(_) => Err(unusable("asking it was interrupted".to_owned())),
        }
    }

    #[cfg(not(feature = "keyring"))]
    pub(in crate::secret) async fn resolve(&self) -> Result<String, SecretError> {
        let why = "this program was built without the feature `keyring`".to_owned();
        Err(SecretError::Keyring { name: self.name.clone(), why })
    }
}
