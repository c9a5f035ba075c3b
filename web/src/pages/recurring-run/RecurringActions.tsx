import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { createRun } from "~/api/queries/newRun";
import { actOnRecurring, type Recurring } from "~/api/queries/recurring";
import { stamp } from "~/format/time";
import { useText } from "~/i18n/text";
import { Button } from "~/ui/Button";
import { ButtonLink } from "~/ui/ButtonLink";
import { Confirm } from "~/ui/Confirm";

interface Props {
  recurring: Recurring;
  /** Called when it is about to go, so that nobody asks for it any more; and when it stays after all. */
  onGoing: (going: boolean) => void;
}

/** What can be done with a recurring run. */
export function RecurringActions({ recurring, onGoing }: Props) {
  const text = useText();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const start = useMutation({
    mutationFn: () =>
      createRun({
        name: `${recurring.name} ${stamp()}`,
        description: "",
        source: recurring.source,
        experimentId: recurring.experimentId,
        parameters: recurring.parameters,
        pipelineRoot: recurring.pipelineRoot,
        caching: true,
        environment: "",
      }),
    onSuccess: (runId) => navigate({ to: "/runs/$runId", params: { runId } }),
  });
  const remove = useMutation({
    mutationFn: () => actOnRecurring(recurring.id, "delete"),
    onMutate: async () => {
      onGoing(true);
      await queries.cancelQueries({ queryKey: ["recurring_run", recurring.id] });
    },
    onError: () => onGoing(false),
    onSuccess: async () => {
      await navigate({ to: "/recurring" });
      await queries.invalidateQueries({ queryKey: ["recurring_runs"] });
    },
  });
  const failed = start.error ?? remove.error;
  return (
    <>
      {failed ? <span role="alert">{failed.message}</span> : null}
      <ButtonLink to="/recurring/new" search={{ clone: recurring.id }} icon="clone">
        {text.recurring.clone}
      </ButtonLink>
      <Confirm
        trigger={<Button icon="trash">{text.runs.remove}</Button>}
        title={text.recurring.deleteTitle(recurring.name)}
        action={text.runs.remove}
        onConfirm={remove.mutate}
      >
        {text.recurring.deleteHint}
      </Confirm>
      <Button look="primary" icon="play" disabled={start.isPending} onClick={() => start.mutate()}>
        {text.recurring.runNow}
      </Button>
    </>
  );
}
