//! How much is said of a tool.

/// How much [`Declarations`](crate::Declarations) say of a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Detail {
    /// `github.create_issue: Create an issue`: the name and the first sentence of the description, one line a tool.
    Name,
    /// `github.create_issue(input: {title: string; body?: string}): Promise<Issue>`: one line a tool, without
    /// comments; short types stand where their names would, longer ones are only named. Where a line would be very
    /// long, inner objects are no more than `object`.
    Signature,
    /// TypeScript that compiles: `declare namespace github { … }` with comments and all types that the tools need.
    #[default]
    Full,
}
