import { useText } from "~/i18n/text";
import { prefer, usePreferences } from "~/preferences/preferences";
import { Card } from "~/ui/Card";
import { FieldFrame } from "~/ui/Field";
import { Segments } from "~/ui/Segments";
import { KeysButton } from "./KeysButton";

/** How this browser shows everything. */
export function PreferencesCard() {
  const text = useText();
  const { theme, language, zone } = usePreferences();
  return (
    <Card title={text.settings.preferences} aside={<KeysButton />}>
      <FieldFrame label={text.theme.label}>
        {() => (
          <Segments
            label={text.theme.label}
            value={theme}
            onChoose={(chosen) => prefer({ theme: chosen })}
            choices={[
              ["system", text.theme.system],
              ["light", text.theme.light],
              ["dark", text.theme.dark],
            ]}
          />
        )}
      </FieldFrame>
      <FieldFrame label={text.language.label}>
        {() => (
          <Segments
            label={text.language.label}
            value={language}
            onChoose={(chosen) => prefer({ language: chosen })}
            choices={[
              ["system", text.language.system],
              ["en", text.language.en],
              ["ko", text.language.ko],
            ]}
          />
        )}
      </FieldFrame>
      <FieldFrame label={text.zone.label}>
        {() => (
          <Segments
            label={text.zone.label}
            value={zone}
            onChoose={(chosen) => prefer({ zone: chosen })}
            choices={[
              ["local", text.zone.local],
              ["utc", text.zone.utc],
            ]}
          />
        )}
      </FieldFrame>
    </Card>
  );
}
