/** The commonest passwords of at least twelve characters, in lower case. */
export const knownPasswords: ReadonlySet<string> = new Set(
  `
  0123456789ab 1234567890ab 1234567890abc 1234567890qw 1234567890qwe 1234567890qwerty 123456789abc 123456789qwe
  123qweasdzxc 123qwe123qwe 12qwaszx12qwaszx 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1q2w3e4r5t6y7u8i 1qaz2wsx3edc 1qaz2wsx3edc4rfv
  1qazxsw23edc 1qaz@wsx3edc !qaz2wsx3edc !qaz@wsx#edc abc123456789 abcd12345678 abcdefgh1234 abcdefghijkl
  admin1234567 admin12345678 admin123456789 administrator administrator1 adminpassword adminadmin123 asdfasdfasdf
  asdfghjkl123 asdfghjkl1234 asdf1234asdf basketball12 changeme1234 changemenow1 changemeplease correcthorsebatterystaple
  dragon123456 football1234 footballfootball hello1234567 helloworld123 iloveyou1234 iloveyou12345 iloveyouforever
  iloveyousomuch internet1234 letmein12345 letmein123456 letmeinplease liverpool123 liverpoolfc1 manchester12
  manchesterunited michael12345 mynameisjohn mypassword12 mypassword123 mypassword1234 p@ssw0rd1234 p@ssword1234
  passw0rd1234 passw0rd12345 password1234 password12345 password123456 password1234567 password12345678
  password123456789 password1234567890 password!234 password2020 password2021 password2022 password2023 password2024
  password2025 password2026 password@123 password@1234 passwordpassword passwordpassword1 princess1234 q1w2e3r4t5y6
  q1w2e3r4t5y6u7 q1w2e3r4t5y6u7i8 qazwsxedc123 qazwsxedcrfv qwer1234qwer qwerasdfzxcv qwert12345qwert qwerty123456
  qwerty1234567 qwerty12345678 qwerty123456789 qwertyqwerty qwertyuiop12 qwertyuiop123 qwertyuiop1234 qwertyuiopas
  qwertyuiopasdf qwertyuiopasdfghjkl qwertyuiopasdfghjklzxcvbnm secret123456 security1234 spiderman123 startrek1234
  starwars1234 summer2024!! sunshine1234 superman1234 supervisor12 surveillance teddybear123 test12345678 testtest1234
  testpassword thisismypassword trustno1trustno1 unbelievable veryverysecret videosurveillance welcome12345
  welcome123456 welcometothejungle whatever1234 winter2024!! wordpass1234 zaq12wsxcde3 zxcvbnm12345 zxcvbnm123456
  zxcvbnmasdfg zxcvbnmasdfghjkl
  `
    .trim()
    .split(/\s+/),
);
