SELECT Value AS Network, max(if(Flag = '', Confidence, 0)) AS Confidence FROM {{.Table}} FINAL WHERE Kind = 'network' AND Expires > now() GROUP BY Value
