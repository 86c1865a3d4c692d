function log(target: any) { return target; }
@log
class A {}
