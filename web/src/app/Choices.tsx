import { useText } from "~/i18n/text";
import { prefer, usePreferences } from "~/preferences/preferences";
import { Button } from "~/ui/Button";
import { Menu, MenuChoice } from "~/ui/Menu";

/** Theme, language and time zone of this browser. */
export function Choices() {
  const text = useText();
  const { theme, language, zone } = usePreferences();
  return (
    <Menu
      trigger={
        <Button
          look="plain"
          icon={theme === "dark" ? "moon" : theme === "light" ? "sun" : "system"}
          aria-label={text.theme.label}
        />
      }
    >
      <MenuChoice
        label={text.theme.label}
        value={theme}
        choices={[
          ["system", text.theme.system],
          ["light", text.theme.light],
          ["dark", text.theme.dark],
        ]}
        onChoose={(chosen) => prefer({ theme: chosen })}
      />
      <MenuChoice
        label={text.language.label}
        value={language}
        choices={[
          ["system", text.language.system],
          ["en", text.language.en],
          ["ko", text.language.ko],
        ]}
        onChoose={(chosen) => prefer({ language: chosen })}
      />
      <MenuChoice
        label={text.zone.label}
        value={zone}
        choices={[
          ["local", text.zone.local],
          ["utc", text.zone.utc],
        ]}
        onChoose={(chosen) => prefer({ zone: chosen })}
      />
    </Menu>
  );
}
