export default class Report { static made = 1; }
