import * as path from 'path';
path.join("a");
