package cases

// What tests read of the lists.

func ScriptHosts() []string { return scriptHosts }

func Browsers() []string { return browsers }

func UserFolders() string { return userFolders }
