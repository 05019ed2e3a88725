import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

// A deadline, which a machine that is busy with something else needs; what appears at once is found at once.
configure({ asyncUtilTimeout: 10_000 });

afterEach(cleanup);
