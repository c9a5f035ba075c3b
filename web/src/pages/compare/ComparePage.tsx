import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { type RunRow, runsById } from "~/api/queries/runs";
import { useText } from "~/i18n/text";
import { StateMark } from "~/states/StateMark";
import { Button } from "~/ui/Button";
import { Elapsed } from "~/ui/Elapsed";
import { Empty } from "~/ui/Empty";
import { Failure } from "~/ui/Failure";
import { Moment } from "~/ui/Moment";
import { Page } from "~/ui/Page";
import { Segments } from "~/ui/Segments";
import { brief } from "../runs/columns";
import styles from "./ComparePage.module.css";
import { type Line, metricLines, parameterLines, share } from "./differences";

const route = getRouteApi("/compare");

/** Runs side by side, a column each. */
export function ComparePage() {
  const text = useText();
  const { runs: ids = [], all } = route.useSearch();
  const navigate = route.useNavigate();
  const found = useQuery({ ...runsById(ids), enabled: ids.length > 0 });
  if (ids.length === 0) {
    return (
      <Page title={text.compare.title}>
        <Empty icon="compare" title={text.compare.hint}>
          <Link to="/runs">{text.compare.choose}</Link>
        </Empty>
      </Page>
    );
  }
  if (found.isError) return <Failure page error={found.error} again={found.refetch} />;
  if (found.isPending) return null;
  const leaveOut = (id: string) =>
    navigate({ search: (now) => ({ ...now, runs: ids.filter((each) => each !== id) }), replace: true });
  return (
    <Page
      title={text.compare.title}
      aside={text.runs.total(found.data.length)}
      actions={
        <Segments
          label={text.compare.differences}
          value={all ? "all" : "differences"}
          onChoose={(chosen) =>
            navigate({ search: chosen === "all" ? { runs: ids, all: true } : { runs: ids }, replace: true })
          }
          choices={[
            ["differences", text.compare.differences],
            ["all", text.compare.everything],
          ]}
        />
      }
    >
      <Table runs={found.data} all={all ?? false} onLeaveOut={leaveOut} />
    </Page>
  );
}

interface TableProps {
  runs: readonly RunRow[];
  all: boolean;
  onLeaveOut: (id: string) => void;
}

function Table({ runs, all, onLeaveOut }: TableProps) {
  const text = useText();
  const metrics = metricLines(runs).filter((line) => all || line.differs || runs.length === 1);
  const parameters = parameterLines(runs).filter((line) => all || line.differs);
  return (
    <div className={styles["frame"]}>
      <table className={styles["table"]}>
        <thead>
          <tr>
            <th scope="col">{text.compare.run}</th>
            {runs.map((run) => (
              <th key={run.id} scope="col">
                <span className={styles["run"]}>
                  <Link to="/runs/$runId" params={{ runId: run.id }}>
                    {run.name}
                  </Link>
                  <Button
                    look="plain"
                    icon="cross"
                    aria-label={text.compare.remove(run.name)}
                    onClick={() => onLeaveOut(run.id)}
                  />
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">{text.common.state}</th>
            {runs.map((run) => (
              <td key={run.id}>
                <StateMark state={run.state} word />
              </td>
            ))}
          </tr>
          <tr>
            <th scope="row">{text.common.duration}</th>
            {runs.map((run) => (
              <td key={run.id}>
                <Elapsed from={run.createdAt} to={run.finishedAt} />
              </td>
            ))}
          </tr>
          <tr>
            <th scope="row">{text.common.created}</th>
            {runs.map((run) => (
              <td key={run.id}>
                <Moment at={run.createdAt} />
              </td>
            ))}
          </tr>
        </tbody>
        <Section
          title={text.compare.metrics}
          none={text.compare.noMetrics}
          width={runs.length}
          empty={metrics.length === 0}
        >
          {metrics.map((line) => (
            <MetricRow key={line.name} line={line} runs={runs} />
          ))}
        </Section>
        <Section
          title={text.compare.parameters}
          none={text.compare.same}
          width={runs.length}
          empty={parameters.length === 0}
        >
          {parameters.map((line) => (
            <tr key={line.name} data-differs={line.differs}>
              <th scope="row">{line.name}</th>
              {line.values.map((value, index) => (
                <td key={runs[index]?.id}>
                  <code>{brief(value)}</code>
                </td>
              ))}
            </tr>
          ))}
        </Section>
      </table>
    </div>
  );
}

interface SectionProps {
  title: string;
  none: string;
  empty: boolean;
  width: number;
  children: ReactNode;
}

function Section({ title, none, empty, width, children }: SectionProps) {
  return (
    <tbody>
      <tr className={styles["section"]}>
        <th scope="rowgroup" colSpan={width + 1}>
          {title}
        </th>
      </tr>
      {empty ? (
        <tr>
          <td colSpan={width + 1} className={styles["none"]}>
            {none}
          </td>
        </tr>
      ) : null}
      {children}
    </tbody>
  );
}

function MetricRow({ line, runs }: { line: Line<number>; runs: readonly RunRow[] }) {
  const text = useText();
  const highest = Math.max(...line.values.filter((value) => value !== undefined));
  return (
    <tr data-differs={line.differs}>
      <th scope="row">{line.name}</th>
      {line.values.map((value, index) => (
        <td key={runs[index]?.id}>
          <span className={styles["metric"]}>
            <span className={styles["value"]} data-best={line.differs && value === highest} title={String(value ?? "")}>
              {brief(value)}
              {line.differs && value === highest ? (
                <span className="visually-hidden">{` (${text.compare.best})`}</span>
              ) : null}
            </span>
            <span className={styles["track"]}>
              <span className={styles["bar"]} style={{ width: `${share(value, line.values) * 100}%` }} />
            </span>
          </span>
        </td>
      ))}
    </tr>
  );
}
