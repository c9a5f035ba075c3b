import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { pipelineList } from "~/api/queries/pipelines";
import { useText } from "~/i18n/text";
import { Empty } from "~/ui/Empty";
import { Failure } from "~/ui/Failure";
import { Icon } from "~/ui/Icon";
import styles from "./NewRun.module.css";

interface Props {
  /** The page that goes on with the chosen one. */
  to: "/runs/new" | "/recurring/new";
}

/** The stored pipelines, to start one of them. */
export function ChoosePipeline({ to }: Props) {
  const text = useText();
  const found = useInfiniteQuery(pipelineList(undefined));
  if (found.isError) return <Failure error={found.error} again={found.refetch} />;
  const rows = found.data?.pages.flatMap((page) => page.rows) ?? [];
  if (found.data && rows.length === 0) {
    return (
      <Empty icon="pipelines" title={text.pipelines.emptyTitle}>
        <Link to="/pipelines">{text.pipelines.upload}</Link>
      </Empty>
    );
  }
  return (
    <section className={styles["choices"]}>
      <h2>{text.newRun.choosePipeline}</h2>
      <ul>
        {rows.map((row) => (
          <li key={row.id}>
            <Link from={to} to={to} search={(now) => ({ ...now, pipeline: row.id })} className={styles["choice"]}>
              <Icon name="pipelines" />
              <span>
                <strong>{row.name}</strong>
                <small>{row.description}</small>
              </span>
              <Icon name="chevron" size={13} />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
