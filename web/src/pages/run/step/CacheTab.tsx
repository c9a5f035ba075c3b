import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Schemas } from "~/api/client";
import { cacheOf, expireCache } from "~/api/queries/run";
import { instant } from "~/format/time";
import { useText } from "~/i18n/text";
import { Button } from "~/ui/Button";
import { ButtonLink } from "~/ui/ButtonLink";
import { Failure } from "~/ui/Failure";
import { Icon, type IconName } from "~/ui/Icon";
import { Moment } from "~/ui/Moment";
import styles from "./CacheTab.module.css";

type Cache = Schemas["CacheView"];

const ICONS: Record<Cache["status"], IconName> = { HIT: "bolt", MISS: "play", OFF: "dash", NOT_ASKED: "clock" };

/** Why a step was served by the cache or not, part by part, and what can be done about it. */
export function CacheTab({ run, node }: { run: string; node: string }) {
  const text = useText();
  const queries = useQueryClient();
  const found = useQuery(cacheOf(run, node));
  const expire = useMutation({
    mutationFn: () => expireCache(run, node),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["run", run, "cache"] }),
  });
  if (found.isError) return <Failure error={found.error} again={found.refetch} />;
  if (found.isPending) return null;
  const cache = found.data;
  const other = cache.source ?? cache.nearest?.entry ?? null;
  return (
    <div className={styles["tab"]}>
      <section className={styles["verdict"]} data-status={cache.status}>
        <Icon name={ICONS[cache.status]} filled={cache.status === "HIT"} />
        <div>
          <h3>{text.cache.status[cache.status]}</h3>
          <p>{cache.reason}</p>
          {other ? (
            <p>
              <Link to="/runs/$runId" params={{ runId: other.run_id }} search={{ task: other.node }}>
                {text.cache.openOther}
              </Link>{" "}
              · <Moment at={instant(other.created_at)} />
            </p>
          ) : null}
        </div>
      </section>
      <div className={styles["buttons"]}>
        <Button
          icon="trash"
          disabled={!cache.kept || expire.isPending}
          title={text.cache.expireHint}
          onClick={() => expire.mutate()}
        >
          {text.cache.expire}
        </Button>
        <ButtonLink to="/runs/new" search={{ clone: run, caching: false }} icon="retry">
          {text.cache.without}
        </ButtonLink>
        {expire.isSuccess ? <span role="status">{text.cache.expired(expire.data)}</span> : null}
        {expire.isError ? <span role="alert">{expire.error.message}</span> : null}
      </div>
      <Parts cache={cache} />
      {cache.fingerprint ? (
        <p className={styles["print"]}>
          {text.cache.fingerprint} <code>{cache.fingerprint}</code>
        </p>
      ) : null}
    </div>
  );
}

function Parts({ cache }: { cache: Cache }) {
  const text = useText();
  const [all, setAll] = useState(false);
  const rows =
    cache.nearest?.parts ?? cache.parts.map((part) => ({ name: part.name, equal: true, here: part, there: null }));
  if (rows.length === 0) return null;
  const different = rows.filter((row) => !row.equal);
  const same = rows.filter((row) => row.equal);
  const shown = cache.nearest && !all ? different : [...different, ...same];
  return (
    <section className={styles["parts"]}>
      <h3>{cache.nearest ? text.cache.compared : text.cache.parts}</h3>
      <ul>
        {shown.map((row) => (
          <li key={row.name} data-equal={row.equal}>
            <span className={styles["name"]}>
              <Icon name={row.equal ? "check" : "cross"} size={13} />
              {partName(row.name, text.cache.names)}
              <span className="visually-hidden">{row.equal ? text.cache.same : text.cache.different}</span>
            </span>
            {row.equal ? (
              <code className={styles["value"]}>{shownValue(row.here?.value ?? row.here?.digest)}</code>
            ) : (
              <dl className={styles["sides"]}>
                <dt>{text.cache.here}</dt>
                <dd>
                  <code className={styles["value"]}>
                    {row.here ? shownValue(row.here.value ?? row.here.digest) : "–"}
                  </code>
                </dd>
                <dt>{text.cache.there}</dt>
                <dd>
                  <code className={styles["value"]}>
                    {row.there ? shownValue(row.there.value ?? row.there.digest) : "–"}
                  </code>
                </dd>
              </dl>
            )}
          </li>
        ))}
      </ul>
      {cache.nearest && same.length > 0 ? (
        <span>
          <Button look="plain" onClick={() => setAll(!all)}>
            {all ? text.cache.hideSame : text.cache.showSame(same.length)}
          </Button>
        </span>
      ) : null}
    </section>
  );
}

function partName(name: string, names: Readonly<Record<string, string>>): string {
  const [kind, rest] = name.split(/:(.*)/s);
  const known = names[kind ?? ""] ?? kind ?? name;
  return rest ? `${known} ${rest}` : known;
}

function shownValue(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 1);
}
