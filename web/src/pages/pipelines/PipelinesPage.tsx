import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { deletePipelines, type PipelineRow, pipelineList } from "~/api/queries/pipelines";
import { type Messages, useText } from "~/i18n/text";
import { Button } from "~/ui/Button";
import { Code } from "~/ui/Code";
import { Confirm } from "~/ui/Confirm";
import { type Column, DataTable } from "~/ui/DataTable";
import { DropTarget } from "~/ui/DropTarget";
import { Empty } from "~/ui/Empty";
import { Failure } from "~/ui/Failure";
import { Moment } from "~/ui/Moment";
import { Page } from "~/ui/Page";
import { SearchField } from "~/ui/SearchField";
import { Tags } from "~/ui/Tags";
import { Toolbar } from "~/ui/Toolbar";
import { sayDone, sayFailed } from "~/ui/toasts";
import { UploadDialog } from "./UploadDialog";

const route = getRouteApi("/pipelines");
const NOTHING: ReadonlySet<string> = new Set();

export function PipelinesPage() {
  const text = useText();
  const { q, upload } = route.useSearch();
  const navigate = route.useNavigate();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState(NOTHING);
  const [file, setFile] = useState<File | null>(null);
  const found = useInfiniteQuery(pipelineList(q));
  const rows = found.data?.pages.flatMap((page) => page.rows) ?? [];
  const remove = useMutation({
    mutationFn: () => deletePipelines(chosen),
    onSuccess: () => sayDone(text.done.pipelinesDeleted(chosen.size)),
    onError: sayFailed,
    onSettled: () => {
      setChosen(NOTHING);
      return queries.invalidateQueries({ queryKey: ["pipelines"] });
    },
  });
  const open = (dropped: File | null) => {
    setFile(dropped);
    void navigate({ search: { ...(q ? { q } : {}), upload: true }, replace: true });
  };
  const close = () => navigate({ search: q ? { q } : {}, replace: true });
  return (
    <Page
      width="fill"
      title={text.nav.pipelines}
      aside={found.data ? text.pipelines.total(found.data.pages[0]?.total ?? 0) : null}
      actions={
        <Button look="primary" icon="upload" onClick={() => open(null)}>
          {text.pipelines.upload}
        </Button>
      }
    >
      <Toolbar>
        {chosen.size > 0 ? (
          <Confirm
            trigger={
              <Button icon="trash" disabled={remove.isPending}>
                {text.runs.remove}
              </Button>
            }
            title={text.pipelines.deleteTitle(chosen.size)}
            action={text.runs.remove}
            onConfirm={remove.mutate}
          >
            {text.pipelines.deleteHint}
          </Confirm>
        ) : (
          <SearchField
            label={text.runs.search}
            value={q ?? ""}
            onChange={(part) => navigate({ search: part ? { q: part } : {}, replace: true })}
          />
        )}
      </Toolbar>
      {found.isError ? <Failure error={found.error} again={found.refetch} /> : null}
      <DropTarget hint={text.pipelines.drop} onDrop={open}>
        {rows.length > 0 ? (
          <DataTable
            label={text.nav.pipelines}
            rows={rows}
            columns={columnsOf(text)}
            idOf={(row) => row.id}
            nameOf={(row) => row.name}
            selection={{ chosen, onChange: setChosen }}
            onEnd={() => found.hasNextPage && !found.isFetchingNextPage && found.fetchNextPage()}
          />
        ) : null}
        {found.data && rows.length === 0 ? (
          <NoPipelines filtered={q !== undefined} onUpload={() => open(null)} />
        ) : null}
      </DropTarget>
      {upload ? <UploadDialog file={file} onClose={close} /> : null}
    </Page>
  );
}

function columnsOf(text: Messages): Column<PipelineRow>[] {
  return [
    {
      key: "name",
      title: text.common.name,
      width: "minmax(140px, 1fr)",
      cell: (row) => (
        <Link to="/pipelines/$pipelineId" params={{ pipelineId: row.id }}>
          {row.name}
        </Link>
      ),
    },
    {
      key: "description",
      title: text.common.description,
      width: "minmax(120px, 1.4fr)",
      spare: true,
      cell: (row) => row.description,
    },
    {
      key: "tags",
      title: text.pipelines.tags,
      width: "minmax(0, 0.8fr)",
      spare: true,
      cell: (row) => <Tags tags={row.tags} />,
    },
    {
      key: "created",
      title: text.common.created,
      width: "130px",
      align: "end",
      cell: (row) => <Moment at={row.createdAt} />,
    },
  ];
}

function NoPipelines({ filtered, onUpload }: { filtered: boolean; onUpload: () => void }) {
  const text = useText();
  if (filtered) return <Empty icon="filter" title={text.pipelines.emptyFiltered} />;
  return (
    <Empty icon="pipelines" title={text.pipelines.emptyTitle}>
      <p>{text.pipelines.emptyHint}</p>
      <Code>{'from kfp import compiler\ncompiler.Compiler().compile(my_pipeline, "pipeline.yaml")'}</Code>
      <Button icon="upload" onClick={onUpload}>
        {text.pipelines.upload}
      </Button>
    </Empty>
  );
}
