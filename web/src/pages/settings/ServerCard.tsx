import { useQuery } from "@tanstack/react-query";
import { BASE } from "~/api/client";
import { serverStatus } from "~/api/queries/server";
import { instant } from "~/format/time";
import { useText } from "~/i18n/text";
import { Card } from "~/ui/Card";
import { Elapsed } from "~/ui/Elapsed";
import { Facts } from "~/ui/Facts";
import { Failure } from "~/ui/Failure";

/** Which server this is. */
export function ServerCard() {
  const text = useText();
  const status = useQuery(serverStatus());
  return (
    <Card
      title={text.settings.server}
      aside={
        <a href={`${BASE}/docs`} target="_blank" rel="noreferrer">
          {text.settings.reference}
        </a>
      }
    >
      {status.isError ? <Failure error={status.error} again={status.refetch} /> : null}
      {status.data ? (
        <Facts
          rows={[
            [text.common.version, status.data.version],
            [text.settings.address, <code key="address">{status.data.address}</code>],
            [text.settings.directory, <code key="directory">{status.data.data_directory}</code>],
            [text.settings.runningFor, <Elapsed key="up" from={instant(status.data.started_at)} to={null} />],
            [text.settings.unfinished, status.data.runs_unfinished.toLocaleString()],
          ]}
        />
      ) : null}
    </Card>
  );
}
