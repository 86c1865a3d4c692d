//! `+ - * /`, parentheses, signs and decimals, in double precision as JavaScript has it.

use std::iter::Peekable;
use std::str::Chars;

/// Parentheses and signs within one another. Each takes native stack; nobody calculates by hand so deep.
const MAX_DEPTH: usize = 64;

/// The value of `expression`, or what is wrong with it.
pub(super) fn evaluate(expression: &str) -> Result<f64, String> {
    let mut parser = Parser { rest: expression.chars().peekable() };
    let value = parser.sum(0)?;
    match parser.next_token() {
        Some(c) => Err(format!("unexpected {c:?}")),
        None if value.is_finite() => Ok(value),
        None => Err("the result is not a finite number".to_owned()),
    }
}

struct Parser<'a> {
    rest: Peekable<Chars<'a>>,
}

impl Parser<'_> {
    fn sum(&mut self, depth: usize) -> Result<f64, String> {
        let mut value = self.product(depth)?;
        while let Some(operator @ ('+' | '-')) = self.next_token() {
            self.rest.next();
            let operand = self.product(depth)?;
            value = if operator == '+' { value + operand } else { value - operand };
        }
        Ok(value)
    }

    fn product(&mut self, depth: usize) -> Result<f64, String> {
        let mut value = self.operand(depth)?;
        while let Some(operator @ ('*' | '/')) = self.next_token() {
            self.rest.next();
            let operand = self.operand(depth)?;
            value = if operator == '*' { value * operand } else { value / operand };
        }
        Ok(value)
    }

    fn operand(&mut self, depth: usize) -> Result<f64, String> {
        if depth > MAX_DEPTH {
            return Err(format!("nested deeper than {MAX_DEPTH}"));
        }
        match self.next_token() {
            Some('-') => {
                self.rest.next();
                Ok(-self.operand(depth + 1)?)
            }
            Some('+') => {
                self.rest.next();
                self.operand(depth + 1)
            }
            Some('(') => {
                self.rest.next();
                let value = self.sum(depth + 1)?;
                match self.next_token() {
                    Some(')') => {
                        self.rest.next();
                        Ok(value)
                    }
                    _ => Err("a parenthesis is not closed".to_owned()),
                }
            }
            Some('0'..='9' | '.') => self.number(),
            Some(c) => Err(format!("unexpected {c:?}")),
            None => Err("the expression ends too early".to_owned()),
        }
    }

    fn number(&mut self) -> Result<f64, String> {
        let mut digits = String::new();
        while let Some(c) = self.rest.next_if(|c| c.is_ascii_digit() || *c == '.') {
            digits.push(c);
        }
        digits.parse().map_err(|_| format!("{digits} is not a number"))
    }

    /// The next character that is no white space, without taking it.
    fn next_token(&mut self) -> Option<char> {
        while self.rest.next_if(|c| c.is_whitespace()).is_some() {}
        self.rest.peek().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        for (expression, value) in [
            ("1 + 2 * 3", Ok(7.0)),
            ("(61 - 32) * 5 / 9", Ok(16.11111111111111)),
            ("14*5/9", Ok(7.777777777777778)),
            ("8 - 3 - 2", Ok(3.0)),
            ("8 / 4 / 2", Ok(1.0)),
            ("-(2 + 3) * -2", Ok(10.0)),
            ("--+3", Ok(3.0)),
            (".5 + 1.", Ok(1.5)),
            ("1 / 0", Err("the result is not a finite number")),
            ("", Err("the expression ends too early")),
            ("2 +", Err("the expression ends too early")),
            ("(1", Err("a parenthesis is not closed")),
            ("1.2.3", Err("1.2.3 is not a number")),
            ("2 ** 3", Err("unexpected '*'")),
            ("process.exit()", Err("unexpected 'p'")),
            ("1 2", Err("unexpected '2'")),
        ] {
            assert_eq!(evaluate(expression), value.map_err(str::to_owned), "{expression}");
        }
        assert!(evaluate(&"(".repeat(100_000)).is_err());
        assert!(evaluate(&"-".repeat(100_000)).is_err());
    }
}
