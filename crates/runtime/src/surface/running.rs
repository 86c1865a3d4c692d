//! Programs that are answered before they have ended.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::Answer;
use crate::meter::deadline;
use crate::runs::{Found, Going, Owner, Progress};
use crate::runtime::random_hex;
use crate::{Output, RunOptions, Runtime};

impl Runtime {
    /// Runs a program; what has not ended after `wait` goes on and is answered for now.
    pub(super) async fn run_for(&self, code: String, mut options: RunOptions, wait: Duration) -> Answer {
        let (run_id, owner, progress) = (random_hex(), options.principal.clone(), Progress::default());
        // Whoever asked can cancel the run as long as they wait for it, and no longer.
        let own = CancellationToken::new();
        let asked = std::mem::replace(&mut options.cancel, own.clone());
        options = progress.observing(options);
        let mut running = Box::pin({
            let (runtime, run_id) = (self.clone(), run_id.clone());
            async move {
                let run = runtime.run_as(run_id, &code, options).await;
                runtime.answer(run)
            }
        });
        let asked_at = Instant::now();
        let until = deadline(asked_at.into_std(), wait).into();
        let mut is_late = false;
        let parked = loop {
            tokio::select! {
                biased;
                answer = &mut running => return answer,
                () = asked.cancelled(), if !own.is_cancelled() => own.cancel(),
                () = sleep_until(until), if !is_late && !own.is_cancelled() => {
                    is_late = true;
                    // Where too many go on already, this one is waited for.
                    if let Some(parked) =
                        self.inner.runs.going_on.park(owner.clone(), &run_id, progress.clone())
                    {
                        break parked;
                    }
                }
            }
        };
        tokio::spawn(async move { parked.end(running.await) });
        self.still_running(&run_id, &progress)
    }

    /// Waits for a run that goes on.
    pub(super) async fn wait_for(
        &self,
        run_id: &str,
        owner: &Owner,
        wait: Option<Duration>,
        cancel: &CancellationToken,
    ) -> Result<Answer, String> {
        let Going { progress, mut answer, .. } =
            match self.inner.runs.going_on.find(owner, run_id).map_err(|missing| missing.to_string())? {
                Found::Ended(answer) => return Ok(Answer::clone(&answer)),
                Found::Going(going) => going,
            };
        let now = Instant::now();
        let until = deadline(now.into_std(), wait.unwrap_or(Duration::MAX)).into();
        tokio::select! {
            biased;
            ended = answer.wait_for(Option::is_some) => match ended {
                Ok(answer) => return Ok(answer.as_deref().cloned().unwrap_or_default()),
                Err(_) => return Err(format!("run {run_id} was given up when the server stopped")),
            },
            () = cancel.cancelled() => {}
            () = sleep_until(until) => {}
        }
        Ok(self.still_running(run_id, &progress))
    }

    fn still_running(&self, run_id: &str, progress: &Progress) -> Answer {
        let run_id = run_id.to_owned();
        Answer::of(&self.shown(Output::Running { run_id, calls: progress.calls(), left_out: None }, &None))
    }
}
