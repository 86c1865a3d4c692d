return missing.MARK;
