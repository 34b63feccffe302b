(** Softmax attention against averaging hard attention, over the reals: where the best positions lead by [m], the two
    differ by at most (number of other positions) * exp (- m) * 2B for values within B. Uses the prover's axioms of the reals. *)
From Coq Require Import List Reals Lra Bool.
Import ListNotations.
Open Scope R_scope.

Definition rsum {X} (f : X -> R) (l : list X) : R := fold_right (fun x s => f x + s) 0 l.
Definition softmax {X} (s v : X -> R) (l : list X) : R := rsum (fun x => exp (s x) * v x) l / rsum (fun x => exp (s x)) l.
Definition mean {X} (v : X -> R) (l : list X) : R := rsum v l / INR (length l).

Lemma rsum_filter {X} (f : X -> R) p l : rsum f l = rsum f (filter p l) + rsum f (filter (fun x => negb (p x)) l).
Proof. induction l as [|a l IH]; cbn [rsum fold_right filter]; [unfold rsum; cbn; lra|]. fold (rsum f l). rewrite IH. destruct (p a); cbn [negb rsum fold_right]; fold (rsum f (filter p l)); fold (rsum f (filter (fun x => negb (p x)) l)); lra. Qed.
Lemma rsum_scale {X} k (f g : X -> R) l : (forall x, In x l -> f x = k * g x) -> rsum f l = k * rsum g l.
Proof. induction l as [|a l IH]; intros H; cbn [rsum fold_right]; [lra|]. fold (rsum f l). fold (rsum g l). rewrite (H a) by now left. rewrite IH; [lra|]. intros; apply H; now right. Qed.
Lemma rsum_const {X} (l : list X) : rsum (fun _ => 1) l = INR (length l).
Proof. induction l as [|a l IH]; [reflexivity|]. cbn [length]. rewrite S_INR. cbn [rsum fold_right]. fold (rsum (fun _ : X => 1) l). rewrite IH. lra. Qed.
Lemma rsum_bound {X} (f : X -> R) b l : (forall x, In x l -> Rabs (f x) <= b) -> Rabs (rsum f l) <= INR (length l) * b.
Proof.
  induction l as [|a l IH]; intros H; [cbn; rewrite Rabs_R0; lra|]. cbn [length]. rewrite S_INR. cbn [rsum fold_right]. fold (rsum f l).
  eapply Rle_trans; [apply Rabs_triang|]. assert (Rabs (f a) <= b) by (apply H; now left).
  assert (Rabs (rsum f l) <= INR (length l) * b) by (apply IH; intros; apply H; now right). lra.
Qed.
Lemma rsum_nonneg {X} (f : X -> R) l : (forall x, In x l -> 0 <= f x) -> 0 <= rsum f l.
Proof. induction l as [|a l IH]; intros H; cbn [rsum fold_right]; [lra|]. fold (rsum f l). assert (0 <= f a) by (apply H; now left). assert (0 <= rsum f l) by (apply IH; intros; apply H; now right). lra. Qed.

Theorem softmax_hard {X} (s v : X -> R) (p : X -> bool) (top m B : R) l :
  (exists x, In x l /\ p x = true) -> (forall x, In x l -> p x = true -> s x = top) -> (forall x, In x l -> p x = false -> s x <= top - m) ->
  (forall x, In x l -> Rabs (v x) <= B) ->
  Rabs (softmax s v l - mean v (filter p l)) <= 2 * B * INR (length (filter (fun x => negb (p x)) l)) * exp (- m).
Proof.
  intros (x0 & I0 & P0) HT HF HB. set (T := filter p l). set (F := filter (fun x => negb (p x)) l).
  assert (IT : forall x, In x T -> In x l /\ p x = true) by (intros x I; now apply filter_In in I).
  assert (IF : forall x, In x F -> In x l /\ p x = false) by (intros x I; apply filter_In in I as (I & N); split; [auto|now apply negb_true_iff]).
  set (w := fun x => exp (s x - top)). set (n := INR (length T)).
  assert (B0 : 0 <= B) by (eapply Rle_trans; [apply Rabs_pos|apply (HB x0 I0)]).
  assert (Hn : 1 <= n).
  { unfold n. assert (In x0 T) by (apply filter_In; auto). destruct T as [|a T']; [contradiction|]. cbn [length]. rewrite S_INR. pose proof (pos_INR (length T')). lra. }
  assert (Es : softmax s v l = (rsum v T + rsum (fun x => w x * v x) F) / (n + rsum w F)).
  { unfold softmax. rewrite (rsum_scale (exp top) (fun x => exp (s x) * v x) (fun x => w x * v x)) by (intros x _; unfold w; replace (s x) with (top + (s x - top)) at 1 by lra; rewrite exp_plus; lra).
    rewrite (rsum_scale (exp top) (fun x => exp (s x)) w) by (intros x _; unfold w; replace (s x) with (top + (s x - top)) at 1 by lra; rewrite exp_plus; lra).
    rewrite (rsum_filter (fun x => w x * v x) p), (rsum_filter w p). fold T F.
    rewrite (rsum_scale 1 (fun x => w x * v x) v T) by (intros x I; destruct (IT x I) as [Il Ip]; unfold w; rewrite (HT x Il Ip), Rminus_diag_eq, exp_0 by reflexivity; lra).
    rewrite (rsum_scale 1 w (fun _ => 1) T) by (intros x I; destruct (IT x I) as [Il Ip]; unfold w; rewrite (HT x Il Ip), Rminus_diag_eq, exp_0 by reflexivity; lra).
    rewrite rsum_const. fold n. pose proof (exp_pos top). assert (0 <= rsum w F) by (apply rsum_nonneg; intros; left; apply exp_pos). field. split; lra. }
  set (e := rsum w F) in *. set (r := rsum (fun x => w x * v x) F) in *. set (t := rsum v T) in *.
  assert (Hw : forall x, In x F -> w x <= exp (- m)).
  { intros x I. destruct (IF x I) as [Il Ip]. unfold w. specialize (HF x Il Ip). destruct (Req_dec (s x - top) (- m)) as [->|N]; [lra|]. left. apply exp_increasing. lra. }
  assert (He0 : 0 <= e) by (apply rsum_nonneg; intros; left; apply exp_pos).
  assert (He : Rabs e <= INR (length F) * exp (- m)).
  { apply rsum_bound. intros x I. rewrite Rabs_pos_eq by (left; apply exp_pos). auto. }
  rewrite Rabs_pos_eq in He by auto.
  assert (Hr : Rabs r <= INR (length F) * (exp (- m) * B)).
  { apply rsum_bound. intros x I. rewrite Rabs_mult, Rabs_pos_eq by (left; apply exp_pos). destruct (IF x I) as [Il _].
    apply Rmult_le_compat; auto; [left; apply exp_pos | apply Rabs_pos]. }
  assert (Ht : Rabs t <= n * B) by (apply rsum_bound; intros x I; apply HB; now apply IT).
  rewrite Es. unfold mean. fold T n t.
  replace ((t + r) / (n + e) - t / n) with ((r - e * (t / n)) / (n + e)) by (field; lra).
  unfold Rdiv at 1. rewrite Rabs_mult, (Rabs_pos_eq (/ (n + e))) by (left; apply Rinv_0_lt_compat; lra).
  assert (Hm : Rabs (t / n) <= B).
  { unfold Rdiv. rewrite Rabs_mult, (Rabs_pos_eq (/ n)) by (left; apply Rinv_0_lt_compat; lra).
    apply (Rmult_le_reg_r n); [lra|]. rewrite Rmult_assoc, Rinv_l by lra. lra. }
  assert (Hnum : Rabs (r - e * (t / n)) <= 2 * B * INR (length F) * exp (- m)).
  { unfold Rminus. eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_Ropp, Rabs_mult, (Rabs_pos_eq e) by auto.
    assert (e * Rabs (t / n) <= (INR (length F) * exp (- m)) * B) by (apply Rmult_le_compat; auto; apply Rabs_pos). lra. }
  assert (Hinv : / (n + e) <= 1) by (rewrite <- Rinv_1; apply Rinv_le_contravar; lra).
  eapply Rle_trans; [|exact Hnum]. rewrite <- (Rmult_1_r (Rabs (r - _))) at 2. apply Rmult_le_compat_l; [apply Rabs_pos|exact Hinv].
Qed.
