import type { Messages } from "../en";

export const language: Messages["language"] = { label: "언어", system: "브라우저 설정", en: "English", ko: "한국어" };
