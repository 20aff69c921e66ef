SELECT sipHash64(concat(toString(Kind), ':', Value)) AS Hash, max(if(Flag = '', Confidence, 0)) AS Confidence FROM {{.Table}} FINAL WHERE Kind != 'network' AND Expires > now() GROUP BY Hash
