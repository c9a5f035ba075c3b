import type { Messages } from "../en";

export const theme: Messages["theme"] = { label: "테마", system: "시스템 설정", light: "밝게", dark: "어둡게" };
