def run(bench, checks): pass
