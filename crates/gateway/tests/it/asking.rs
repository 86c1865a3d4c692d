//! What upstreams ask for in the middle of a program, in both eras.

use std::time::Duration;

use codemode::Runtime;
use codemode_gateway::{Gateway, GatewayOptions, Principal};
use serde_json::{Value, json};

use crate::raw::Raw;
use crate::upstream::Upstream;

/// A client that can answer everything.
fn able() -> Value {
    json!({ "elicitation": { "form": {}, "url": {} }, "sampling": {}, "roots": {} })
}

fn program(what: &str) -> Value {
    json!({ "name": "execute", "arguments": { "code": format!("return shop.ask({{ for: {what:?} }})") } })
}

/// `(what is asked for, its method, the client's answer, what the program gets)`
fn questions() -> [(&'static str, &'static str, Value, Value); 4] {
    let said = json!({ "role": "assistant", "content": { "type": "text", "text": "red" }, "model": "m" });
    let roots = json!([{ "uri": "file:///work" }]);
    [
        (
            "form",
            "elicitation/create",
            json!({ "action": "accept", "content": { "colour": "red" } }),
            json!({ "colour": "red" }),
        ),
        ("url", "elicitation/create", json!({ "action": "accept" }), json!({})),
        ("sampling", "sampling/createMessage", said.clone(), said),
        ("roots", "roots/list", json!({ "roots": roots }), roots),
    ]
}

#[tokio::test]
async fn an_older_client_is_asked_by_requests() {
    let upstream = Upstream::new();
    let mut client = Raw::older(&Gateway::default(), upstream.runtime().await, able()).await;
    for (what, method, answer, given) in questions() {
        let id = client.begin("tools/call", program(what)).await;
        let asked = client.other(method).await;
        if method == "elicitation/create" {
            // Whose tool it is that asks is said; what was meant for us is not.
            assert_eq!(asked["params"]["message"], "shop: Which colour?");
            assert_ne!(asked["params"]["_meta"]["x"], 1);
        }
        client.send(&json!({ "jsonrpc": "2.0", "id": asked["id"], "result": answer })).await;
        let result = client.answer(id).await;
        assert_eq!(result["result"]["structuredContent"]["result"], given, "{what}: {result}");
    }
    client.leave().await;
}

#[tokio::test]
async fn a_newer_client_is_asked_in_results() {
    let upstream = Upstream::new();
    let mut client = Raw::newer(&Gateway::default(), upstream.runtime().await, &able());
    for (what, method, answer, given) in questions() {
        let asking = client.request("tools/call", program(what)).await;
        let asking = &asking["result"];
        assert_eq!(asking["resultType"], "input_required", "{asking}");
        let requests = asking["inputRequests"].as_object().unwrap();
        let (key, asked) = requests.iter().next().unwrap();
        assert_eq!((requests.len(), &asked["method"]), (1, &json!(method)));
        let result = client.request("tools/call", again(what, asking, json!({ key: answer }))).await;
        assert_eq!(result["result"]["structuredContent"]["result"], given, "{what}: {result}");
    }
    client.leave().await;
}

/// The same request with answers.
fn again(what: &str, asking: &Value, responses: Value) -> Value {
    let mut params = program(what);
    params["requestState"] = asking["requestState"].clone();
    params["inputResponses"] = responses;
    params
}

#[tokio::test]
async fn whoever_cannot_be_asked_is_not() {
    let upstream = Upstream::new();
    let mut older = Raw::older(&Gateway::default(), upstream.runtime().await, json!({})).await;
    let mut newer = Raw::newer(&Gateway::default(), upstream.runtime().await, &json!({}));
    for client in [&mut older, &mut newer] {
        for (what, ..) in questions() {
            let result = client.request("tools/call", program(what)).await["result"].take();
            assert_eq!(result["isError"], true);
            let message = result["structuredContent"]["error"]["message"].as_str().unwrap();
            assert!(message.contains("nobody can be asked"), "{message}");
        }
    }
    assert!(older.others.is_empty(), "{:?}", older.others);
}

#[tokio::test]
async fn a_refusal_reaches_the_program() {
    let upstream = Upstream::new();
    let mut older = Raw::older(&Gateway::default(), upstream.runtime().await, able()).await;
    let mut newer = Raw::newer(&Gateway::default(), upstream.runtime().await, &able());
    for (action, said) in [("decline", "they said no"), ("cancel", "they said nothing")] {
        let id = older.begin("tools/call", program("form")).await;
        let asked = older.other("elicitation/create").await;
        older.send(&json!({ "jsonrpc": "2.0", "id": asked["id"], "result": { "action": action } })).await;
        let of_older = older.answer(id).await;
        let asking = newer.request("tools/call", program("form")).await["result"].take();
        let responses = json!({ "question-1": { "action": action } });
        let of_newer = newer.request("tools/call", again("form", &asking, responses)).await;
        for result in [of_older, of_newer] {
            assert!(result["result"].to_string().contains(said), "{result}");
        }
    }
}

/// Two branches ask; what is not answered, or not so that it is an answer, is asked again, and nothing is asked twice that
/// was answered.
#[tokio::test]
async fn a_newer_client_may_answer_bit_by_bit() {
    let upstream = Upstream::new();
    let mut client = Raw::newer(&Gateway::default(), upstream.runtime().await, &able());
    let code = "return Promise.all([shop.ask({ for: 'form' }), shop.ask({ for: 'roots' })])";
    let params = json!({ "name": "execute", "arguments": { "code": code } });
    let mut result = client.request("tools/call", params.clone()).await["result"].take();
    let mut asked = 0;
    while result["resultType"] == "input_required" {
        asked += 1;
        assert!(asked < 6, "{result}");
        let requests = result["inputRequests"].as_object().unwrap();
        let (key, request) = requests.iter().next().unwrap();
        let answer = match request["method"].as_str().unwrap() {
            _ if asked == 1 => json!({ "action": "perhaps" }),
            "roots/list" => json!({ "roots": [] }),
            _ => json!({ "action": "accept", "content": { "colour": "red" } }),
        };
        let mut params = params.clone();
        params["requestState"] = result["requestState"].clone();
        params["inputResponses"] = json!({ key: answer, "unknown": {} });
        result = client.request("tools/call", params).await["result"].take();
    }
    assert_eq!(result["structuredContent"]["result"], json!([{ "colour": "red" }, []]), "{result}");
    assert_eq!(upstream.happened(), ["ask", "ask"]);
    assert!(asked >= 3, "asked {asked} times");
}

/// A request that waits for its client, and all that a stranger could make of its state.
#[tokio::test]
async fn g29_a_request_state_is_good_for_one_client_one_request_and_once() {
    let gateway = Gateway::default();
    let upstream = Upstream::new();
    let runtime: Runtime = upstream.runtime().await;
    let mut client = Raw::newer(&gateway, runtime.clone(), &able());
    let asking = client.request("tools/call", program("form")).await["result"].take();
    let state = asking["requestState"].as_str().unwrap();
    let answers = json!({ "question-1": { "action": "accept", "content": { "colour": "red" } } });
    let good = again("form", &asking, answers.clone());
    let refused = |answer: &Value| {
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
        assert!(answer["error"]["message"].as_str().unwrap().contains("requestState"));
    };

    // A bit flipped, anywhere.
    for at in [0, state.len() / 2, state.len() - 1] {
        let mut bytes = state.as_bytes().to_vec();
        bytes[at] ^= 1;
        let mut params = good.clone();
        params["requestState"] = String::from_utf8(bytes).unwrap().into();
        refused(&client.request("tools/call", params).await);
    }
    // Made up.
    for made_up in ["", "rs1.AAAA.AAAA", "question-1"] {
        let mut params = good.clone();
        params["requestState"] = made_up.into();
        refused(&client.request("tools/call", params).await);
    }
    // Of another request.
    refused(&client.request("tools/call", again("url", &asking, answers.clone())).await);
    let mut params = good.clone();
    params["name"] = "search".into();
    refused(&client.request("tools/call", params).await);
    // Of another principal.
    let mut stranger = Raw::newer(&gateway, runtime.clone(), &able());
    let mut other = Raw::newer_as(&gateway, Principal::new("eve", runtime.clone()), &able());
    refused(&other.request("tools/call", good.clone()).await);
    // Of another process.
    let mut elsewhere = Raw::newer(&Gateway::default(), runtime, &able());
    refused(&elsewhere.request("tools/call", good.clone()).await);

    // All that cost nothing: the same principal may send it over any connection, whatever the order of the keys.
    let mut reordered = good.clone();
    reordered["arguments"] = json!({ "code": good["arguments"]["code"] });
    let result = stranger.request("tools/call", reordered).await;
    assert_eq!(result["result"]["structuredContent"]["result"], json!({ "colour": "red" }), "{result}");
    // A second time.
    refused(&client.request("tools/call", good).await);
    assert_eq!(upstream.happened(), ["ask"]);
}

/// The clock is the test's own: real ones are not waited for.
#[tokio::test(start_paused = true)]
async fn g29_a_request_state_expires() {
    let upstream = Upstream::new();
    let mut client = Raw::newer(&Gateway::default(), upstream.runtime().await, &able());
    let asking = client.request("tools/call", program("form")).await["result"].take();
    tokio::time::advance(Duration::from_secs(601)).await;
    let answers = json!({ "question-1": { "action": "accept", "content": { "colour": "red" } } });
    let answer = client.request("tools/call", again("form", &asking, answers)).await;
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
}

/// Each question has a time of its own: that of the first does not go on once it is answered.
#[tokio::test(start_paused = true)]
async fn every_question_may_take_its_time() {
    let upstream = Upstream::new();
    // Nothing is answered before its time.
    let gateway = Gateway::new(GatewayOptions::default().wait(Duration::from_secs(3_600)));
    let mut client = Raw::newer(&gateway, upstream.runtime().await, &able());
    let code = "return [await shop.ask({}), await shop.ask({}), await shop.ask({})]";
    let params = json!({ "name": "execute", "arguments": { "code": code } });
    let red = json!({ "action": "accept", "content": { "colour": "red" } });
    let mut result = client.request("tools/call", params.clone()).await["result"].take();
    for question in ["question-1", "question-2", "question-3"] {
        assert_eq!(result["resultType"], "input_required", "{question}: {result}");
        tokio::time::advance(Duration::from_secs(400)).await;
        let mut params = params.clone();
        params["requestState"] = result["requestState"].clone();
        params["inputResponses"] = json!({ question: red });
        result = client.request("tools/call", params).await["result"].take();
    }
    let red = json!({ "colour": "red" });
    assert_eq!(result["structuredContent"]["result"], json!([red, red, red]), "{result}");
}

/// More than may wait: those that are asked too much go on without an answer.
#[tokio::test]
async fn so_many_requests_wait_and_no_more() {
    let upstream = Upstream::new();
    let mut client = Raw::newer(&Gateway::default(), upstream.runtime().await, &able());
    for _ in 0..16 {
        let asking = client.request("tools/call", program("form")).await;
        assert_eq!(asking["result"]["resultType"], "input_required", "{asking}");
    }
    let result = client.request("tools/call", program("form")).await;
    assert!(result["result"].to_string().contains("they said nothing"), "{result}");
}

/// The program may take one second, and whoever is asked longer.
#[tokio::test]
async fn what_a_person_takes_is_not_the_programs_time() {
    let upstream = Upstream::new();
    let limits = codemode::Limits { wall: Duration::from_secs(1), ..Default::default() };
    let runtime = Runtime::builder().connector(upstream.clone()).limits(limits).build().await.unwrap();
    let mut older = Raw::older(&Gateway::default(), runtime.clone(), able()).await;
    let mut newer = Raw::newer(&Gateway::default(), runtime, &able());
    let id = older.begin("tools/call", program("form")).await;
    let asked = older.other("elicitation/create").await;
    let asking = newer.request("tools/call", program("form")).await["result"].take();
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let answer = json!({ "action": "accept", "content": { "colour": "red" } });
    older.send(&json!({ "jsonrpc": "2.0", "id": asked["id"], "result": answer })).await;
    let of_older = older.answer(id).await;
    let of_newer = newer.request("tools/call", again("form", &asking, json!({ "question-1": answer }))).await;
    for result in [of_older, of_newer] {
        assert_eq!(result["result"]["structuredContent"]["result"], json!({ "colour": "red" }), "{result}");
    }
}
