import { chromium } from "playwright-core";
import { serve } from "../scripts/serve.mjs";
import { chromiumPath } from "./chromium.mjs";
import { largeManifest } from "./largeManifest.mjs";
const what=process.argv[2];
const b=await chromium.launch({executablePath:chromiumPath(),args:["--no-sandbox"]});
const s=await serve({directory:new URL("../dist",import.meta.url).pathname,base:"/"});
const ctx=await b.newContext({serviceWorkers:"block",viewport:{width:1280,height:720}});
const page=await ctx.newPage();
await page.goto(s.url);
await page.locator(".terminal-prompt").waitFor({state:"attached"});
const text=largeManifest();
await page.locator("input[type=file]").setInputFiles([{name:"l.yaml",mimeType:"application/yaml",buffer:Buffer.from(text)}]);
await page.waitForFunction(() => /54 of 54/.test(document.getElementById("summary")?.textContent ?? ""));
const line = text.split("\n").findIndex((own, at) => at > 3000 && own === "      hostNetwork: true");
await page.locator(".cm-scroller").evaluate((own, part) => (own.scrollTop = part * own.scrollHeight - 100), line / text.split("\n").length);
await page.locator(".cm-line", { hasText: "hostNetwork: true" }).first().click();
await page.keyboard.press("Home");
await page.waitForTimeout(1000);
const cdp=await ctx.newCDPSession(page);
await cdp.send("Emulation.setCPUThrottlingRate",{rate:4});
const noprof=process.argv[3]==="trace";
if(!noprof){await cdp.send("Profiler.enable"); await cdp.send("Profiler.setSamplingInterval",{interval:100});
await cdp.send("Profiler.start");} else
await b.startTracing(page,{categories:["toplevel","devtools.timeline","disabled-by-default-devtools.timeline","__metadata"]});
if(what==="type") for(let k=0;k<8;k++){await page.keyboard.press(k%2?"Backspace":"#");await page.waitForTimeout(500);}
else {await page.locator("#fix-all").click(); await page.locator("dialog .diff").waitFor(); await page.waitForTimeout(1500);}
if(!noprof){
const {profile}=await cdp.send("Profiler.stop");
const byId=new Map(profile.nodes.map(n=>[n.id,n]));
const parent=new Map();for(const n of profile.nodes)for(const c of n.children??[])parent.set(c,n.id);
const self=new Map(),total=new Map();
profile.samples.forEach((id,i)=>{const d=profile.timeDeltas[i]/1000;const key=n=>n.callFrame.functionName+":"+n.callFrame.lineNumber;
 self.set(key(byId.get(id)),(self.get(key(byId.get(id)))??0)+d);
 const seen=new Set();for(let x=id;x;x=parent.get(x)){const k=key(byId.get(x));if(!seen.has(k)){seen.add(k);total.set(k,(total.get(k)??0)+d)}}});
const show=m=>[...m].sort((a,b)=>b[1]-a[1]).slice(0,34).map(([k,v])=>k+" "+v.toFixed(1)).join("\n");
console.log("SELF\n"+show(self)+"\nTOTAL\n"+show(total));
} else {
const ev=JSON.parse((await b.stopTracing()).toString()).traceEvents;
const main=new Set(ev.filter(e=>e.name==="thread_name"&&e.args.name==="CrRendererMain").map(e=>e.pid+" "+e.tid));
const mine=ev.filter(e=>e.ph==="X"&&main.has(e.pid+" "+e.tid));
const tasks=mine.filter(e=>/ThreadControllerImpl::RunTask|^RunTask$/.test(e.name)).sort((a,b)=>b.tdur-a.tdur).slice(0,16);
for(const t of tasks){console.log("task",t.dur/1000,t.tdur/1000);const sub=mine.filter(e=>e.ts>=t.ts&&e.ts+e.dur<=t.ts+t.dur&&!/RunTask|ThreadController/.test(e.name)).sort((a,b)=>b.dur-a.dur).slice(0,12);console.log(sub.map(e=>e.name+" "+(e.tdur/1000).toFixed(1)).join(", "))}
}
await b.close();await s.close();process.exit(0);
