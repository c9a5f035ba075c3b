import type { Messages } from "../en";

export const pipelines: Messages["pipelines"] = {
  total: (count) => `파이프라인 ${count.toLocaleString("ko")}개`,
  versions: (count) => `버전 ${count}개`,
  upload: "파이프라인 업로드",
  uploadVersion: "버전 업로드",
  file: "컴파일된 파이프라인 (YAML, JSON, zip, tar.gz)",
  drop: "파일을 놓으면 업로드합니다",
  tags: "태그",
  type: "타입",
  default: "기본값",
  optional: "선택",
  required: "필수",
  noInputs: "입력이 없는 파이프라인입니다.",
  noVersions: "버전이 없는 파이프라인입니다.",
  emptyTitle: "아직 파이프라인이 없습니다",
  emptyHint:
    "저장하지 않아도 실행할 수 있지만, 저장하면 버전을 관리하고 여기에서 시작할 수 있습니다. 컴파일한 파일을 여기에 놓으세요:",
  emptyFiltered: "그런 이름의 파이프라인이 없습니다.",
  deleteTitle: (count) => `파이프라인 ${count}개를 삭제할까요?`,
  deleteHint: "모든 버전이 함께 삭제됩니다. 실행은 남습니다.",
};
