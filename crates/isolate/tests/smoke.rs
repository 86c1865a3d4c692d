use std::sync::Arc;
use codemode_isolate::*;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

fn block<T>(f: impl Future<Output=T>) -> T { let mut f = pin!(f); loop { if let Poll::Ready(v)=f.as_mut().poll(&mut Context::from_waker(Waker::noop())) { return v } } }

fn run(engine:&Engine, js:&str) -> Step {
    let mut names = Names::new(); names.insert("github", ["create_issue".to_string()]);
    let mut iso = Isolate::new(engine, Arc::new(names), Limits::default(), Arc::new(Unmetered)).unwrap();
    let mut step = block(iso.start(Start{javascript:js,input:"{\"a\":1}",now_ms:1_700_000_000_000,seed:[7;32]})).unwrap();
    let mut printed = step.printed.clone();
    while step.ended.is_none() {
        for c in &step.calls { println!("   call {:?}", c); }
        let completions = step.calls.iter().map(|c| Completion{id:c.id,outcome:match &c.request { Request::Tool{tool,..} if tool=="fail" => Err(Rejection{name:"ToolError".into(),message:"boom".into(),kind:Kind::ToolError,tool:Some("github.fail".into()),outcome:None}), _=>Ok("{\"ok\":true}".into())}}).collect();
        step = block(iso.resume(completions, 1_700_000_000_500)).unwrap();
        printed.extend(step.printed.clone());
    }
    step.printed = printed;
    step
}

#[test]
fn smoke() {
    let engine = Engine::new(PoolSize::default()).unwrap();
    for js in ["(async function(){ return 1+1 })", "(async function(a){ return {a, input, d:new Date(), m:new Map([['x',1]]), s:new Set([1]), t:new Uint8Array(3), n:NaN, r:/x\"/g } })",
      "(async function(){ const r = await github.create_issue({title:'x'}); console.log('hi', r, [1,2,{a:'b'}], new Error('e')); return r.ok })",
      "(async function(){\n await github.fail({}) })", "(async function(){ throw 'x' })", "(async function(){ throw {code:5} })", "(async function(){ const a={b:[]}; a.b[0]=a; return a })",
      "(async function(){ await new Promise(()=>{}) })", "(async function(){ return {x: github.create_issue({})} })", "(async function(){ function f(){f()} f() })",
      "(async function(){ const a=[]; for(;;) a.push(a.slice()) })", "(async function(){ await github; return [JSON.stringify(github), github.then, Object.keys(tools), Object.keys(tools.github), typeof github.toString, 'create_issue' in github] })",
      "(async function(){ return new Function('return 1')() })", "(async function(){ return (0,eval)('1') })", "(async function(){ return [typeof eval, Object.getOwnPropertyNames(globalThis)] })",
      "(async function(){ const u=new URL('../b?x=1&y=2#h','https://a.com/c/d'); u.searchParams.append('z','ü '); u.port='8080'; return [u.href, u.host, [...u.searchParams], crypto.randomUUID(), btoa('x'), new TextDecoder().decode(new TextEncoder().encode('ü€😀')), Math.random()] })",
      "(async function(){ let n=0; await new Promise(r=>{const t=setInterval(()=>{ if(++n==3){clearInterval(t);r()} },10)}); const t=Date.now(); await new Promise(r=>setTimeout(r,50)); return [n, Date.now()-t, structuredClone({a:new Date(0),b:[1,{c:2}]})] })",
      "(async function(){ try { await fetch('http://x') } catch(e) { return e.message } })", "(async function(){ __return({a:1}); return 2 })", "(async function(){ console.table([{a:1,b:2},{a:3}]); console.error('%s is %d', 'x', 5); })",
      "(async function(){ let x = ; })", "(async function(){ return undefinedThing })", "(async function(){ async function f(){ await 0; throw new TypeError('deep') } await f() })",
      "(async function(){ Promise.reject(new Error('lost')); return 1 })",  "(async function(){ return 10n })", "(async function(){ await github.create_issue(5, 6) })", "(async function(){ return 'a\\ud800b' })"] {
        let s = run(&engine, js);
        println!("{js}\n  => {:?}\n  printed {:?}", s.ended.unwrap(), s.printed);
    }
}
