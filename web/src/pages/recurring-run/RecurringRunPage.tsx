import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { recurringById, recurringTimes } from "~/api/queries/recurring";
import { useText } from "~/i18n/text";
import { Empty } from "~/ui/Empty";
import { Failure } from "~/ui/Failure";
import { Notice } from "~/ui/Notice";
import { Page } from "~/ui/Page";
import { EnableSwitch } from "../recurring-runs/EnableSwitch";
import { RunList } from "../runs/RunList";
import { NextCard } from "./NextCard";
import { RecurringActions } from "./RecurringActions";
import styles from "./RecurringRunPage.module.css";
import { WhatCard } from "./WhatCard";
import { WhenCard } from "./WhenCard";

const route = getRouteApi("/recurring/$recurringId");

/** One recurring run: when it fires, what it starts, and the runs that it has made. */
export function RecurringRunPage() {
  const text = useText();
  const { recurringId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [going, setGoing] = useState(false);
  const recurring = useQuery({ ...recurringById(recurringId), enabled: !going });
  const times = useQuery({ ...recurringTimes(recurringId), enabled: !going });
  const failed = [recurring, times].find((query) => query.isError);
  if (failed) return <Failure page error={failed.error} again={failed.refetch} />;
  if (!recurring.data || !times.data) return null;
  return (
    <Page
      title={recurring.data.name}
      aside={
        <>
          <EnableSwitch recurring={recurring.data} />
          <span>{recurring.data.enabled ? text.recurring.enabled : text.recurring.disabled}</span>
          <span>{recurring.data.description}</span>
        </>
      }
      actions={<RecurringActions recurring={recurring.data} onGoing={setGoing} />}
    >
      {times.data.error ? (
        <Notice tone="bad">
          <strong>{text.recurring.lastFailed}</strong>
          <p>{times.data.error}</p>
        </Notice>
      ) : null}
      {times.data.warnings.map((warning) => (
        <Notice key={warning} tone="warn">
          {warning}
        </Notice>
      ))}
      <div className={styles["cards"]}>
        <WhenCard recurring={recurring.data} />
        <NextCard times={times.data} />
        <WhatCard recurring={recurring.data} />
      </div>
      <section className={styles["runs"]}>
        <h2>
          {text.recurring.firings} <small>{times.data.runs_made.toLocaleString()}</small>
        </h2>
        <RunList
          search={{ ...search, recurring: recurringId }}
          onChange={({ recurring: _, ...next }) => navigate({ search: next, replace: true })}
          none={
            <Empty icon="schedules" title={text.recurring.noFirings}>
              {text.recurring.noFiringsHint}
            </Empty>
          }
        />
      </section>
    </Page>
  );
}
