const name = "a";
return <div className="x">{name}</div>;
