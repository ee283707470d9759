package curve

// CheckTogether is CheckAll as without lanes.
var CheckTogether = checkTogether
