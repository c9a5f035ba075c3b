import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { runList } from "~/api/queries/runs";
import { useText } from "~/i18n/text";
import { ButtonLink } from "~/ui/ButtonLink";
import { Page } from "~/ui/Page";
import { RunList } from "./RunList";

const route = getRouteApi("/runs");

export function RunsPage() {
  const text = useText();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data } = useInfiniteQuery(runList(search));
  return (
    <Page
      width="fill"
      title={text.runs.title}
      aside={data ? text.runs.total(data.pages[0]?.total ?? 0) : null}
      actions={
        <ButtonLink to="/runs/new" look="primary" icon="play">
          {text.newRun.open}
        </ButtonLink>
      }
    >
      <RunList search={search} onChange={(next) => navigate({ search: next, replace: true })} />
    </Page>
  );
}
