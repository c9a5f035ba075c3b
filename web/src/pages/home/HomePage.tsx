import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { firstRuns } from "~/api/queries/runs";
import type { RunListSearch } from "~/app/search";
import { useText } from "~/i18n/text";
import { Failure } from "~/ui/Failure";
import { Page } from "~/ui/Page";
import { RunTable } from "../runs/RunTable";
import { Connect } from "./Connect";
import styles from "./HomePage.module.css";

const RUNNING: RunListSearch = { state: "RUNNING" };
const FAILED: RunListSearch = { state: "FAILED" };

export function HomePage() {
  const text = useText();
  const recent = useQuery(firstRuns({}, 1));
  if (recent.isError) return <Failure error={recent.error} again={recent.refetch} />;
  if (recent.isPending) return null;
  if (recent.data.total === 0) return <Connect />;
  return (
    <Page title={text.nav.home}>
      <div className={styles["columns"]}>
        <Section title={text.home.running} none={text.home.runningNone} search={RUNNING} />
        <Section title={text.home.failed} none={text.home.failedNone} search={FAILED} />
        <Section title={text.home.recent} none={text.runs.emptyTitle} search={{}} />
      </div>
    </Page>
  );
}

interface SectionProps {
  title: string;
  none: string;
  search: RunListSearch;
}

function Section({ title, none, search }: SectionProps) {
  const text = useText();
  const found = useQuery(firstRuns(search, 8));
  return (
    <section className={styles["section"]}>
      <header>
        <h2>{title}</h2>
        <Link to="/runs" search={search}>
          {text.common.all}
          {found.data ? ` (${found.data.total})` : ""}
        </Link>
      </header>
      {found.isError ? <Failure error={found.error} again={found.refetch} /> : null}
      {found.data?.rows.length === 0 ? <p className={styles["none"]}>{none}</p> : null}
      {found.data && found.data.rows.length > 0 ? <RunTable rows={found.data.rows} short /> : null}
    </section>
  );
}
