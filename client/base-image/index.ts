/** Base images for where Docker Hub can't be reached. */
export { type BaseImage, type DebianBaseRequest, provideDebianBase } from "./debian.ts";
export { debianSuiteOf } from "./debian-suite.ts";
