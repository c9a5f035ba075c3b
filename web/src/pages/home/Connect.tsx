import { BASE } from "~/api/client";
import { useText } from "~/i18n/text";
import { Code } from "~/ui/Code";
import { Empty } from "~/ui/Empty";
import { Page } from "~/ui/Page";

/** How the SDK finds this server. */
export function connectLines(): string {
  return [
    "import kfp",
    `client = kfp.Client(host="${window.location.origin}${BASE}")`,
    "client.create_run_from_pipeline_func(my_pipeline)",
  ].join("\n");
}

/** The home page while there are no runs. */
export function Connect() {
  const text = useText();
  return (
    <Page title={text.home.welcome}>
      <Empty icon="runs" title={text.runs.emptyTitle}>
        <p>{text.runs.emptyHint}</p>
        <Code>{connectLines()}</Code>
      </Empty>
    </Page>
  );
}
