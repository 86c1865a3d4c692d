//! What a policy says of the calls of one tool.

use std::sync::Arc;

use codemode_catalog::{Annotations, Http, Tool};
use serde_json::Value;

use super::hints::Effects;
use super::place::Found;
use super::{Rule, Truth, Verdict};

/// The part of a policy that is about one tool. Made once a tool, because most rules are about others.
#[derive(Debug, Clone)]
pub struct ToolPolicy {
    /// From the last one that can match to the first that decides whatever the arguments are.
    rules: Vec<(usize, Arc<Rule>)>,
    /// The laxest and the strictest verdict that arguments can lead to.
    bounds: (Verdict, Verdict),
    request: RequestMethod,
    claims: Annotations,
    are_trusted: bool,
    /// Whether a call that no rule matches is allowed whatever it does: of rules that only add to others.
    adds: bool,
    /// Rules of views, which hold beside these.
    further: Vec<ToolPolicy>,
}

/// The HTTP method of a tool's calls.
#[derive(Debug, Clone)]
enum RequestMethod {
    /// It makes no HTTP requests that the operator could tell apart.
    None,
    Always(String),
    /// It is an argument.
    Argument,
}

/// What there is to know of one call's method.
#[derive(Debug, Clone, Copy)]
enum Method<'a> {
    None,
    Is(&'a str),
    Unsure,
}

/// What is known of a call's arguments.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Arguments<'a> {
    /// These; bytes among them, at the JSON Pointers, are text here and something else to whoever gets them.
    Are(&'a Value, &'a [String]),
    /// Nothing: no condition on them is certain.
    Unknown,
}

/// What becomes of a call, and why.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decision<'a> {
    pub(crate) verdict: Verdict,
    pub(crate) by: By<'a>,
}

/// What decided.
#[derive(Debug, Clone, Copy)]
pub(crate) enum By<'a> {
    /// A rule, with its place among all, from 0.
    Rule(usize, &'a Rule),
    /// No rule matches and nothing says that the call is destructive.
    Default,
    /// No rule matches, and the tool says that a call of it is destructive.
    Destructive,
    /// No rule matches, and the request is a `DELETE`.
    Delete,
    /// No rule matches, and the request may be a `DELETE`.
    MaybeDelete,
}

impl ToolPolicy {
    /// The same where `further` holds as well: the stricter of both counts.
    pub(super) fn narrowed(mut self, further: Self) -> Self {
        self.bounds = (self.bounds.0.max(further.bounds.0), self.bounds.1.max(further.bounds.1));
        self.further.push(further);
        self
    }

    /// `adds` is how many rules there are before these, of rules that hold beside others.
    pub(super) fn new(
        rules: &[Arc<Rule>],
        connector: &str,
        names: &[&str],
        plain: &str,
        tool: &Tool,
        are_trusted: bool,
        adds: Option<usize>,
    ) -> Self {
        let request = match &tool.http {
            None => RequestMethod::None,
            Some(Http::Operation { method, .. }) => RequestMethod::Always(method.to_ascii_uppercase()),
            Some(Http::Any) => RequestMethod::Argument,
        };
        let bounds = (Verdict::Allow, Verdict::Deny);
        let mut selected = Self {
            rules: Vec::new(),
            bounds,
            request,
            claims: tool.annotations,
            are_trusted,
            adds: adds.is_some(),
            further: Vec::new(),
        };
        for (index, rule) in rules.iter().enumerate().rev() {
            // A tool does not get out of a rule by another one that takes the name it had.
            let names_it = rule.names(connector, names)
                || (rule.action() > Verdict::Allow && rule.names(connector, &[plain]));
            if !names_it {
                continue;
            }
            // What is known of a raw request depends on its arguments.
            let truth = match selected.depends_on_request(rule) {
                true => Truth::Unsure,
                false => selected.truth_of_call(rule, Arguments::Unknown),
            };
            if truth != Truth::No {
                selected.rules.push((adds.unwrap_or(0) + index, Arc::clone(rule)));
            }
            if truth == Truth::Yes && rule.conditions().is_empty() {
                break;
            }
        }
        selected.bounds = selected.bounds();
        selected
    }

    /// What becomes of a call with these arguments.
    pub fn verdict(&self, arguments: &Value) -> Verdict {
        self.decide(Arguments::Are(arguments, &[])).verdict
    }

    /// Whether the method or the effects that a rule names are those of a raw request, which its arguments say.
    fn depends_on_request(&self, rule: &Rule) -> bool {
        matches!(self.request, RequestMethod::Argument)
            && !(rule.methods().is_empty() && rule.hints().is_empty())
    }

    /// The laxest verdict that arguments can lead to.
    pub fn laxest(&self) -> Verdict {
        self.bounds.0
    }

    /// Whether the verdict is the same whatever the arguments are.
    pub fn is_fixed(&self) -> bool {
        self.bounds.0 == self.bounds.1
    }

    /// The laxest and the strictest verdict, from the default up to the rule that is tried first.
    fn bounds(&self) -> (Verdict, Verdict) {
        let strictest = self.default(Arguments::Unknown).verdict;
        let by_argument = matches!(self.request, RequestMethod::Argument);
        let default = (if by_argument { Verdict::Allow } else { strictest }, strictest);
        self.rules.iter().rev().fold(default, |(laxest, strictest), (_, rule)| {
            let action = rule.action();
            let of_call = self.depends_on_request(rule);
            let of_arguments = of_call || !rule.conditions().is_empty();
            let is_unsure = !of_call && self.truth_of_call(rule, Arguments::Unknown) == Truth::Unsure;
            match (is_unsure, of_arguments) {
                (false, false) => (action, action),
                (false, true) => (laxest.min(action), strictest.max(action)),
                (true, false) => (laxest.max(action), strictest.max(action)),
                (true, true) => (laxest, strictest.max(action)),
            }
        })
    }

    /// The strictest of what its own rules and those of views say.
    pub(crate) fn decide(&self, arguments: Arguments<'_>) -> Decision<'_> {
        let further = self.further.iter().map(|further| further.decide_alone(arguments));
        further.fold(self.decide_alone(arguments), |strictest, decision| {
            if decision.verdict > strictest.verdict { decision } else { strictest }
        })
    }

    /// Of a rule of which it cannot be told whether it matches, the stricter of both ways holds.
    fn decide_alone(&self, arguments: Arguments<'_>) -> Decision<'_> {
        let mut strictest: Option<Decision<'_>> = None;
        for (index, rule) in &self.rules {
            let truth = self.truth(rule, arguments);
            let decision = Decision { verdict: rule.action(), by: By::Rule(*index, rule) };
            if truth != Truth::No {
                strictest = Some(stricter(strictest, decision));
            }
            if let (Truth::Yes, Some(strictest)) = (truth, strictest) {
                return strictest;
            }
        }
        stricter(strictest, self.default(arguments))
    }

    fn default(&self, arguments: Arguments<'_>) -> Decision<'_> {
        let by = match self.method(arguments) {
            _ if self.adds => By::Default,
            Method::Is(method) if is_delete(method) => By::Delete,
            Method::Unsure => By::MaybeDelete,
            _ if self.effects(arguments).destroys() => By::Destructive,
            _ => By::Default,
        };
        let verdict = if matches!(by, By::Default) { Verdict::Allow } else { Verdict::Ask };
        Decision { verdict, by }
    }

    /// The rules that can match, those that are tried first in front: its own, and those of each view.
    pub(super) fn rules(&self) -> impl Iterator<Item = impl Iterator<Item = (usize, &Rule)>> {
        let all = std::iter::once(self).chain(&self.further);
        all.map(|policy| policy.rules.iter().map(|(index, rule)| (*index, &**rule)))
    }

    /// Whether all that a rule asks for holds.
    pub(super) fn truth(&self, rule: &Rule, arguments: Arguments<'_>) -> Truth {
        let conditions =
            rule.conditions().iter().map(|(place, condition)| condition.holds(arguments.find(place)));
        conditions.fold(self.truth_of_call(rule, arguments), Truth::and)
    }

    /// The same but for the conditions on arguments.
    pub(super) fn truth_of_call(&self, rule: &Rule, arguments: Arguments<'_>) -> Truth {
        let method = match self.method(arguments) {
            _ if rule.methods().is_empty() => Truth::Yes,
            Method::None => Truth::No,
            Method::Unsure => Truth::Unsure,
            Method::Is(method) => {
                Truth::of(rule.methods().iter().any(|wanted| wanted.eq_ignore_ascii_case(method)))
            }
        };
        let hints =
            if rule.hints().is_empty() { Truth::Yes } else { rule.hints().hold(&self.effects(arguments)) };
        method.and(hints)
    }

    /// A raw request of `GET` is none of an operation that the document describes: no more is known of it than of `POST`.
    fn effects(&self, arguments: Arguments<'_>) -> Effects {
        let method = match (&self.request, self.method(arguments)) {
            (RequestMethod::Always(method), _) => Some(method.as_str()),
            (RequestMethod::Argument, Method::Is(method)) if is_delete(method) => Some("DELETE"),
            _ => None,
        };
        let mut claims = self.claims;
        if let (RequestMethod::Argument, Method::Unsure) = (&self.request, self.method(arguments)) {
            claims.destructive = Some(true);
        }
        Effects::new(&claims, self.are_trusted, method)
    }

    fn method<'a>(&'a self, arguments: Arguments<'a>) -> Method<'a> {
        match (&self.request, arguments) {
            (RequestMethod::None, _) => Method::None,
            (RequestMethod::Always(method), _) => Method::Is(method),
            (RequestMethod::Argument, Arguments::Are(arguments, _)) => {
                arguments.get("method").and_then(Value::as_str).map_or(Method::Unsure, Method::Is)
            }
            (RequestMethod::Argument, Arguments::Unknown) => Method::Unsure,
        }
    }
}

/// The stricter of two decisions; of equals the one of the rule that is tried first. An unsure rule that allows says nothing.
fn stricter<'a>(first: Option<Decision<'a>>, then: Decision<'a>) -> Decision<'a> {
    match first {
        Some(first) if first.verdict > Verdict::Allow && first.verdict >= then.verdict => first,
        _ => then,
    }
}

fn is_delete(method: &str) -> bool {
    method.eq_ignore_ascii_case("DELETE")
}

impl<'a> Arguments<'a> {
    pub(super) fn find(self, place: &super::place::Place) -> Found<'a> {
        match self {
            Self::Are(_, binary) if binary.iter().any(|pointer| place.meets(pointer)) => Found::Unsure,
            Self::Are(arguments, _) => place.find(arguments),
            Self::Unknown => Found::Unsure,
        }
    }
}
