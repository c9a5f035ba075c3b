import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { actOnExperiment, type ExperimentAction, experimentById } from "~/api/queries/experiments";
import { useText } from "~/i18n/text";
import { Button } from "~/ui/Button";
import { ButtonLink } from "~/ui/ButtonLink";
import { Confirm } from "~/ui/Confirm";
import { Failure } from "~/ui/Failure";
import { Page } from "~/ui/Page";
import { sayDone, sayFailed } from "~/ui/toasts";
import { RunList } from "../runs/RunList";

const DONE = {
  archive: "experimentArchived",
  unarchive: "experimentRestored",
  delete: "experimentDeleted",
} as const;
const route = getRouteApi("/experiments/$experimentId");

/** An experiment is its runs. */
export function ExperimentPage() {
  const text = useText();
  const { experimentId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const experiment = useQuery(experimentById(experimentId));
  if (experiment.isError) return <Failure page error={experiment.error} again={experiment.refetch} />;
  if (experiment.isPending) return null;
  return (
    <Page
      width="fill"
      title={experiment.data.name}
      aside={
        <>
          {experiment.data.archived ? <strong>{text.runs.archived}</strong> : null}
          <span>{experiment.data.description}</span>
        </>
      }
      actions={<Actions id={experimentId} name={experiment.data.name} archived={experiment.data.archived} />}
    >
      <RunList
        search={{ ...search, experiment: experimentId }}
        onChange={({ experiment: _, ...next }) => navigate({ search: next, replace: true })}
      />
    </Page>
  );
}

function Actions({ id, name, archived }: { id: string; name: string; archived: boolean }) {
  const text = useText();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const act = useMutation({
    mutationFn: (action: ExperimentAction) => actOnExperiment(id, action),
    onSuccess: async (_, action) => {
      await queries.invalidateQueries({ queryKey: ["experiments"] });
      await queries.invalidateQueries({ queryKey: ["runs"] });
      if (action === "delete") await navigate({ to: "/experiments" });
      else await queries.invalidateQueries({ queryKey: ["experiment", id] });
      sayDone(text.done[DONE[action]]);
    },
    onError: sayFailed,
  });
  return (
    <>
      {archived ? (
        <Button icon="archive" onClick={() => act.mutate("unarchive")}>
          {text.runs.restore}
        </Button>
      ) : (
        <Confirm
          trigger={<Button icon="archive">{text.runs.archive}</Button>}
          title={text.experiments.archiveTitle(name)}
          action={text.runs.archive}
          onConfirm={() => act.mutate("archive")}
        >
          {text.experiments.archiveHint}
        </Confirm>
      )}
      <Confirm
        trigger={<Button icon="trash">{text.runs.remove}</Button>}
        title={text.experiments.deleteTitle(name)}
        action={text.runs.remove}
        onConfirm={() => act.mutate("delete")}
      >
        {text.experiments.deleteHint}
      </Confirm>
      <ButtonLink to="/runs/new" search={{ experiment: id }} icon="play" look="primary">
        {text.newRun.open}
      </ButtonLink>
    </>
  );
}
