import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { type ArtifactView, artifactById } from "~/api/queries/artifacts";
import { artifactSearch } from "~/app/search";
import { bytes } from "~/format/bytes";
import { instant } from "~/format/time";
import { useText } from "~/i18n/text";
import { LineageView } from "~/lineage/LineageView";
import { ArtifactIcon, typeName } from "~/preview/ArtifactIcon";
import { PreviewView } from "~/preview/PreviewView";
import { Failure } from "~/ui/Failure";
import { Moment } from "~/ui/Moment";
import { Page } from "~/ui/Page";
import { Segments } from "~/ui/Segments";
import { ArtifactFacts } from "./ArtifactFacts";
import styles from "./ArtifactPage.module.css";

const route = getRouteApi("/artifacts/$artifactId");

/** One artifact: what it holds, where it came from, and what came of it. */
export function ArtifactPage() {
  const { artifactId } = route.useParams();
  const found = useQuery(artifactById(artifactId));
  if (found.isError) return <Failure page error={found.error} again={found.refetch} />;
  if (found.isPending) return null;
  return <Found key={artifactId} artifact={found.data} />;
}

function Found({ artifact }: { artifact: ArtifactView }) {
  const text = useText();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: object, replace = true) =>
    navigate({ search: artifactSearch({ ...search, ...next }), replace });
  const lineage = search.tab === "lineage";
  return (
    <Page
      width="full"
      title={artifact.name}
      lead={
        <span className={styles["mark"]}>
          <ArtifactIcon type={artifact.type} size={18} />
        </span>
      }
      aside={
        <>
          <span>{typeName(artifact.type)}</span>
          {artifact.size === null ? null : <span>{bytes(artifact.size)}</span>}
          <Moment at={instant(artifact.created_at)} />
        </>
      }
      actions={
        <Segments
          label={text.artifacts.content}
          value={lineage ? "lineage" : "content"}
          onChoose={(chosen) => change({ tab: chosen === "lineage" ? chosen : undefined })}
          choices={[
            ["content", text.artifacts.content],
            ["lineage", text.artifacts.lineage],
          ]}
        />
      }
    >
      {lineage ? (
        <LineageView
          artifactId={artifact.artifact_id}
          way={search.way}
          depth={search.depth}
          node={search.node}
          onChange={change}
        />
      ) : (
        <div className={styles["split"]}>
          <div className={styles["content"]}>
            <PreviewView
              artifactId={artifact.artifact_id}
              path={search.path ?? ""}
              onPath={(path) => change({ path }, false)}
            />
          </div>
          <ArtifactFacts artifact={artifact} />
        </div>
      )}
    </Page>
  );
}
