import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { memo, useState } from "react";
import type { RunHeader } from "~/api/queries/run";
import { actOnRun, type RunAction } from "~/api/queries/runs";
import { useText } from "~/i18n/text";
import { StateMark } from "~/states/StateMark";
import { Button } from "~/ui/Button";
import { ButtonLink } from "~/ui/ButtonLink";
import { Dialog } from "~/ui/Dialog";
import { Elapsed } from "~/ui/Elapsed";
import { Menu, MenuItem } from "~/ui/Menu";
import { Moment } from "~/ui/Moment";
import { Experiment, Pipeline, StartedBy } from "./views/ConfigurationView";

export function RunLead({ run }: { run: RunHeader }) {
  return <StateMark state={run.state} size="large" word />;
}

interface AboutProps {
  run: RunHeader;
  done: number;
  /** 0 for a run that has ended. */
  total: number;
}

/** When, how long, of what, in what, and by whom. */
export const RunAbout = memo(function RunAbout({ run, done, total }: AboutProps) {
  const text = useText();
  return (
    <>
      <Elapsed from={run.createdAt} to={run.finishedAt} />
      <Moment at={run.createdAt} />
      {total > 0 ? <span>{text.run.progress(done, total)}</span> : null}
      <Pipeline run={run} />
      <Experiment run={run} />
      <StartedBy run={run} />
      {run.archived ? <span>{text.runs.archived}</span> : null}
    </>
  );
});

/** What can be done with the run: what is likely as buttons, the rest in a menu. */
export const RunActions = memo(function RunActions({ run, live }: { run: RunHeader; live: boolean }) {
  const text = useText();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const act = useMutation({
    mutationFn: (action: RunAction) => actOnRun(run.id, action),
    onSuccess: (_, action) => (action === "delete" ? navigate({ to: "/runs" }) : undefined),
    onSettled: (_, __, action) =>
      action === "delete" ? undefined : queries.invalidateQueries({ queryKey: ["run", run.id] }),
  });
  return (
    <>
      {act.isError ? <span role="alert">{act.error.message}</span> : null}
      {live ? (
        <Button icon="stop" disabled={act.isPending} onClick={() => act.mutate("terminate")}>
          {text.runs.terminate}
        </Button>
      ) : null}
      <ButtonLink to="/runs/new" search={{ clone: run.id }} icon="clone">
        {text.runs.clone}
      </ButtonLink>
      {run.state === "FAILED" || run.state === "CANCELED" ? (
        <Button icon="retry" look="primary" disabled={act.isPending} onClick={() => act.mutate("retry")}>
          {text.runs.retry}
        </Button>
      ) : null}
      <Menu trigger={<Button icon="more" aria-label={text.common.more} disabled={act.isPending} />}>
        <MenuItem icon="compare" onSelect={() => void navigate({ to: "/compare", search: { runs: [run.id] } })}>
          {text.runs.compare}
        </MenuItem>
        <MenuItem icon="archive" onSelect={() => act.mutate(run.archived ? "unarchive" : "archive")}>
          {run.archived ? text.runs.restore : text.runs.archive}
        </MenuItem>
        <MenuItem icon="trash" onSelect={() => setAsking(true)}>
          {text.runs.remove}
        </MenuItem>
      </Menu>
      {asking ? (
        <Dialog title={text.runs.deleteTitle(1)} onClose={() => setAsking(false)}>
          <p>{text.runs.deleteHint}</p>
          <Dialog.Buttons>
            <Button onClick={() => setAsking(false)}>{text.common.cancel}</Button>
            <Button
              look="danger"
              onClick={() => {
                setAsking(false);
                act.mutate("delete");
              }}
            >
              {text.runs.remove}
            </Button>
          </Dialog.Buttons>
        </Dialog>
      ) : null}
    </>
  );
});
