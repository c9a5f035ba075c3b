import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { pipelineById, type VersionRow, versionList, versionStructure } from "~/api/queries/pipelines";
import type { PipelineSearch } from "~/app/search";
import { GraphView } from "~/graph/GraphView";
import { useText } from "~/i18n/text";
import { Button } from "~/ui/Button";
import { ButtonLink } from "~/ui/ButtonLink";
import { Empty } from "~/ui/Empty";
import { Failure } from "~/ui/Failure";
import { Moment } from "~/ui/Moment";
import { Page } from "~/ui/Page";
import { Tabs } from "~/ui/Tabs";
import { Tags } from "~/ui/Tags";
import { YamlView } from "~/yaml/YamlView";
import { UploadDialog } from "../pipelines/UploadDialog";
import { InterfaceTable } from "./InterfaceTable";
import styles from "./PipelinePage.module.css";
import { VersionMenu } from "./VersionMenu";

const route = getRouteApi("/pipelines/$pipelineId");

export function PipelinePage() {
  const text = useText();
  const { pipelineId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [uploading, setUploading] = useState(false);
  const pipeline = useQuery(pipelineById(pipelineId));
  const versions = useQuery(versionList(pipelineId));
  if (pipeline.isError) return <Failure page error={pipeline.error} again={pipeline.refetch} />;
  if (versions.isError) return <Failure page error={versions.error} again={versions.refetch} />;
  if (pipeline.isPending || versions.isPending) return null;
  const version = versions.data.find((each) => each.id === search.version) ?? versions.data[0];
  const change = (next: PipelineSearch) => navigate({ search: { ...search, ...next }, replace: true });
  return (
    <Page
      width="full"
      title={pipeline.data.name}
      aside={<Tags tags={pipeline.data.tags} />}
      actions={
        <>
          {version ? (
            <VersionMenu versions={versions.data} current={version} onChoose={(id) => change({ version: id })} />
          ) : null}
          <Button icon="upload" onClick={() => setUploading(true)}>
            {text.pipelines.uploadVersion}
          </Button>
          {version ? (
            <ButtonLink
              to="/recurring/new"
              search={{ pipeline: pipelineId, ...(search.version ? { version: search.version } : {}) }}
              icon="schedules"
            >
              {text.recurring.create}
            </ButtonLink>
          ) : null}
          {version ? (
            <ButtonLink
              to="/runs/new"
              search={{ pipeline: pipelineId, version: version.id }}
              look="primary"
              icon="play"
            >
              {text.newRun.open}
            </ButtonLink>
          ) : null}
        </>
      }
    >
      {version ? (
        <Version version={version} search={search} onChange={change} />
      ) : (
        <Empty icon="pipelines" title={text.pipelines.noVersions} />
      )}
      {uploading ? <UploadDialog file={null} pipelineId={pipelineId} onClose={() => setUploading(false)} /> : null}
    </Page>
  );
}

interface VersionProps {
  version: VersionRow;
  search: PipelineSearch;
  onChange: (next: PipelineSearch) => void;
}

function Version({ version, search, onChange }: VersionProps) {
  const text = useText();
  const structure = useQuery(versionStructure(version.pipelineId, version.id));
  if (structure.isError) return <Failure error={structure.error} again={structure.refetch} />;
  const view = search.view ?? "graph";
  return (
    <div className={styles["body"]}>
      <Tabs
        value={view}
        onChange={(chosen) => onChange({ view: chosen })}
        tabs={[
          { key: "graph", name: text.run.graph },
          { key: "inputs", name: text.run.inputs },
          { key: "yaml", name: "YAML" },
        ]}
        aside={
          <span className={styles["aside"]}>
            {version.description}
            <Moment at={version.createdAt} />
          </span>
        }
      >
        {view === "graph" && structure.data ? <GraphView structure={structure.data} /> : null}
        {view === "inputs" && structure.data ? <InterfaceTable structure={structure.data} /> : null}
        {view === "yaml" ? <YamlView value={version.spec} /> : null}
      </Tabs>
    </div>
  );
}
