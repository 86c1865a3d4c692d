// The call is given up; the server is not.
const outcome = await everything.trigger_long_running_operation({ duration: 300, steps: 100 })
  .catch((error: any) => error.outcome);
return { outcome, after: await everything.echo({ message: "still here" }) };
