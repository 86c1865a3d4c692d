const text = "ü 😀"; const fs = await import("fs");
